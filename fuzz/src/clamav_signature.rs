//! Certificates and files of signatures: nothing that was not signed is taken for signed.

/// Reads the bytes as certificates, and as the signatures that stand beside a file.
pub fn clamav_signature(data: &[u8]) {
    gateway_av::fuzzing::clamav_signature(data);
}
