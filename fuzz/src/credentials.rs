//! `Proxy-Authorization`: what is read says nothing that its scheme cannot, and debug output nothing
//! that is secret.

use gateway_proxy::{CREDENTIALS_BYTES_MAX, Credentials};

/// The bytes are one value of the field.
pub fn credentials(data: &[u8]) {
    let Ok(read) = Credentials::parse(data) else { return };
    assert!(data.len() <= CREDENTIALS_BYTES_MAX, "a long value was read");
    let shown = format!("{read:?}");
    match &read {
        Credentials::Basic { user, password } => {
            assert!(!user.is_empty() && !user.chars().any(|c| c.is_control() || c == ':'));
            assert!(user.len() + password.len() < data.len());
        }
        Credentials::Bearer(token) => {
            assert!(token.is_ascii() && !token.contains(' '));
            assert_eq!(shown, "Bearer(..)");
        }
        _ => {}
    }
}
