//! What RFC 7541 (HPACK) asks of a decoder: one module for each section, named after it.

use super::super::frame::{HEADERS, PING};
use super::wire::{ENDS, GET, Side, block, frame};
use super::*;

/// What comes of a request whose block ends in these bytes.
fn with(more: &[u8]) -> Side {
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, ENDS, 1, &[&block(&GET), more].concat()));
    side
}

/// The connection ends: what comes later could not be read.
#[track_caller]
fn refused(more: &[u8]) {
    let side = with(more);
    assert!(matches!(side.ended(), Some(Some(1 | 9))), "{more:x?}: {:?}", side.log);
    assert!(side.told(1).is_empty(), "{more:x?}");
}

#[track_caller]
fn read(more: &[u8], fields: &str) {
    let mut side = with(more);
    let told = format!("GET https://a.example/ Empty host=a.example{fields}");
    assert_eq!(side.told(1), [told.as_str(), "end"], "{more:x?}");
    side.feed(&frame(PING, 0, 0, b"12345678"));
    assert_eq!(side.ended(), None);
}

mod s2_3_3 {
    use super::*;

    #[test]
    fn indices_beyond_the_tables() {
        refused(&[0x80 | 70]);
        refused(&[0x40 | 70 & 0x3f, 0x07, 1, b'x']);
        refused(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x10]);
    }
}

mod s4_2 {
    use super::*;

    #[test]
    fn the_size_of_the_table_changes_at_the_front_of_a_block() {
        refused(&[0x20]);
        let mut side = Side::server(options());
        side.feed(&frame(HEADERS, ENDS, 1, &[&[0x20][..], &block(&GET)].concat()));
        assert_eq!(side.told(1).len(), 2);
    }
}

mod s5_2 {
    use super::*;

    #[test]
    fn strings() {
        read(b"\x00\x01a\x01b", " a=b");
        // `www.example.com` by the code of Huffman (RFC 7541 §C.4.1).
        read(
            b"\x00\x01a\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff",
            " a=www.example.com",
        );
        // The same with eight bits of padding, with padding of zeros, and with the end of strings.
        refused(b"\x00\x01a\x8d\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff\xff");
        refused(b"\x00\x01a\x81\x00");
        refused(b"\x00\x01a\x84\xff\xff\xff\xff");
    }
}

mod s6_1 {
    use super::*;

    #[test]
    fn there_is_no_index_0() {
        refused(&[0x80]);
        // `accept-encoding: gzip, deflate` stands in the static table.
        read(&[0x80 | 16], " accept-encoding=gzip, deflate");
    }
}

mod s6_2 {
    use super::*;

    #[test]
    fn literals_of_every_kind() {
        read(b"\x40\x01a\x01b\xbe", " a=b a=b");
        read(b"\x00\x01a\x01b", " a=b");
        read(b"\x10\x01a\x01b", " a=b");
        read(b"\x53\x01b", " accept=b");
        read(b"\x0f\x04\x01b", " accept=b");
        read(b"\x1f\x04\x01b", " accept=b");
    }
}

mod s6_3 {
    use super::*;

    #[test]
    fn the_table_does_not_become_larger_than_was_agreed() {
        let mut side = Side::server(options());
        // 4,097 bytes.
        side.feed(&frame(HEADERS, ENDS, 1, &[&[0x3f, 0xe2, 0x1f][..], &block(&GET)].concat()));
        assert!(matches!(side.ended(), Some(Some(1 | 9))));
    }
}
