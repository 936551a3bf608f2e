//! Headers of load balancers: an answer holds for every longer prefix, and addresses that are read
//! are written and read again.

use gateway_h1h2::proxy_protocol::{HEADER_BYTES_MAX, Version, read, write};

/// The bytes are the start of a connection.
pub fn proxy_protocol(data: &[u8]) {
    let whole = read(data);
    for end in 0..data.len().min(300) {
        match read(&data[..end]) {
            Ok(None) => {}
            decided => assert_eq!(decided, whole, "decided at {end}"),
        }
    }
    match whole {
        Ok(None) => assert!(data.len() < HEADER_BYTES_MAX, "it wants more than is read"),
        Ok(Some((Some(addresses), end))) => {
            assert!(end <= data.len(), "no more than there is");
            for version in [Version::V1, Version::V2] {
                let mut again = Vec::new();
                write(version, &addresses, &mut again);
                assert_eq!(read(&again), Ok(Some((Some(addresses), again.len()))));
            }
        }
        Ok(Some((None, end))) => assert!(end <= data.len()),
        Err(_) => {}
    }
}
