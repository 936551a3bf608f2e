//! Packed programs, run to see what they unpack to: any code comes to an end within its number of
//! instructions, and two runs are equal.

/// The first byte tells whether the rest is a program, or the code of one.
pub fn content_emulator(data: &[u8]) {
    gateway_content::content_emulator(data);
}
