//! Containers of signature files: what is damaged or unsigned is refused, and nothing of it is left.

/// Opens the bytes as a container, and loads what it holds.
pub fn clamav_container(data: &[u8]) {
    gateway_av::fuzzing::clamav_container(data);
}
