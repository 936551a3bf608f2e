//! The loader of ClamAV signature files: what it takes, it finds again in any chunks, and what it
//! refuses leaves nothing behind.

/// The first byte chooses the form of the file and the length of the chunks, the rest is the file,
/// which is then scanned with what it holds.
pub fn clamav_load(data: &[u8]) {
    gateway_av::fuzzing::clamav_load(data);
}
