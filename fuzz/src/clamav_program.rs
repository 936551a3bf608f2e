//! Programs under signatures over their pieces: what is found in one is found in any chunks of it.

/// The first byte is the length of the chunks, the rest a program of any of the three kinds.
pub fn clamav_program(data: &[u8]) {
    gateway_av::fuzzing::clamav_program(data);
}
