//! The request head that codecs are measured with: a browser's, of 703 bytes and 12 fields, the
//! size of the customary one of picohttpparser.

/// A complete head of 703 bytes.
pub const REQUEST: &[u8; 703] = b"\
    GET /media/gallery/2025/06/harbour-at-dawn-with-boats-1600x900.jpg HTTP/1.1\r\n\
    Host: images.travel.example\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
    Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5\r\n\
    Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Referer: https://www.travel.example/journeys/north-sea/harbours\r\n\
    Connection: keep-alive\r\n\
    Cookie: session=4f1c2b7e9a6d4c0b8e3f5a7d9c1b2e4f; consent=all; visits=12; theme=dark;\x20\
    last=1750000000; ref=newsletter-june-and-july-and-august-and-september-and-oct\r\n\
    Sec-Fetch-Dest: image\r\n\
    Sec-Fetch-Mode: no-cors\r\n\
    Sec-Fetch-Site: same-site\r\n\
    Priority: u=5, i\r\n\
    \r\n";

#[cfg(test)]
mod tests {
    use super::REQUEST;

    #[test]
    fn it_is_one_head() {
        assert!(REQUEST.ends_with(b"\r\n\r\n"));
        assert_eq!(REQUEST.split(|byte| *byte == b'\n').count(), 12 + 3);
    }
}
