//! What the demo's origin has to offer, and what its client uploads.

/// Where a WebSocket is to be had.
pub(super) const CHAT: &str = "/chat";

/// What goes by way of the service of ICAP, if there is one.
pub(super) const BY_ICAP: &str = "/by-icap";

/// A file that nobody but the demo's clamd knows.
pub(super) const WORM: &[u8] = b"A file with the worm-of-the-demo in it.\n";

/// An upload that should not leave: a card number that is nobody's, but passes the Luhn check.
pub(super) const CARD: &[u8] = b"name=J.+Doe&card=4111111111111111&cvc=123";

/// A file that nobody minds.
pub(super) const REPORT: &[u8] = b"Everything is fine.\n";

/// What is served at `path`: the bytes, and their content-coding.
pub(super) fn at(path: &str) -> Option<(Vec<u8>, Option<&'static str>)> {
    match path {
        "/report.txt" => Some((REPORT.to_vec(), None)),
        "/eicar.com" => Some((gateway_av::eicar().to_vec(), None)),
        "/eicar.zip" => Some((gzip(&zip("eicar.com", &gateway_av::eicar())), Some("gzip"))),
        "/tool.bin" => Some((WORM.to_vec(), None)),
        "/upload" | BY_ICAP => Some((b"received\n".to_vec(), None)),
        _ => None,
    }
}

/// A ZIP archive of one deflated file (APPNOTE.TXT §4.3).
fn zip(name: &str, contents: &[u8]) -> Vec<u8> {
    let packed = miniz_oxide::deflate::compress_to_vec(contents, 6);
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    // Version 2.0, no flags, deflate, no time; what both headers of a member have in common.
    let common = [
        &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..],
        &crc32fast::hash(contents).to_le_bytes(),
        &len(&packed),
        &len(contents),
        &name_len,
        &[0, 0],
    ]
    .concat();
    let mut archive = [b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat();
    let directory = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], name.as_bytes()].concat();
    let at = len(&archive);
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    archive.extend(len(&directory));
    archive.extend(at);
    archive.extend([0, 0]);
    archive
}

/// A gzip member (RFC 1952 §2.3).
fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.extend(miniz_oxide::deflate::compress_to_vec(contents, 6));
    member.extend(crc32fast::hash(contents).to_le_bytes());
    member.extend(u32::try_from(contents.len()).unwrap_or(u32::MAX).to_le_bytes());
    member
}
