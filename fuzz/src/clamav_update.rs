//! Scripts that update databases: one that cannot be carried out changes nothing.

/// Carries out the bytes as commands, and opens them as a script.
pub fn clamav_update(data: &[u8]) {
    gateway_av::fuzzing::clamav_update(data);
}
