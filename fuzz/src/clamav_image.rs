//! Images of databases: whatever one holds, reading it and scanning with it does not panic.

/// Of each four bytes two are a place of an image, the others what is changed there.
pub fn clamav_image(data: &[u8]) {
    gateway_av::fuzzing::clamav_image(data);
}
