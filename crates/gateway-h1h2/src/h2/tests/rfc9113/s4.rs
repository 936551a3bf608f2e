//! §4: frames, their size, and header blocks.

use super::*;

mod s4_1 {
    use super::*;

    #[test]
    fn unknown_types_and_flags_and_the_reserved_bit_are_ignored() {
        let mut reserved = frame(PING, 0, 0, b"12345678");
        reserved[5] |= 0x80;
        for ignored in [
            frame(0xff, 0, 0, b"unknown"),
            frame(0xff, 0xff, 1, b"unknown"),
            frame(PING, 0x16, 0, b"12345678"),
            reserved,
        ] {
            goes_on(&mut server(&[open(), ignored]));
        }
    }
}

mod s4_2 {
    use super::*;

    #[test]
    fn frames_of_16_kib_are_taken_and_no_longer_ones() {
        let most = 1 << 14;
        let mut side = server(&[open(), frame(DATA, END_STREAM, 1, &vec![0; most])]);
        assert_eq!(side.told(1)[1..], ["16384 bytes", "end"]);
        goes_on(&mut side);
        for kind in [DATA, HEADERS, 0xff] {
            ends(&server(&[open(), frame(kind, 0, 1, &vec![0; most + 1])]), FRAME_SIZE_ERROR);
        }
    }
}

mod s4_3 {
    use super::*;

    #[test]
    fn a_block_that_cannot_be_read_ends_the_connection() {
        // A literal whose name is longer than the block.
        for block in [&b"\x00\xff\xff\xff\xff\xff\x07"[..], b"\x40\x05ab", b"\x80"] {
            let side = server(&[frame(HEADERS, ENDS, 1, block)]);
            assert!(
                matches!(side.ended(), Some(Some(COMPRESSION_ERROR | PROTOCOL_ERROR))),
                "{block:?}"
            );
        }
    }

    #[test]
    fn nothing_comes_between_the_parts_of_a_block() {
        for between in [
            frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]),
            frame(HEADERS, ENDS, 3, &block(&GET)),
            frame(DATA, 0, 1, b"x"),
            frame(PING, 0, 0, b"12345678"),
            frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
            frame(0xff, 0, 1, b"unknown"),
            frame(CONTINUATION, END_HEADERS, 3, &[]),
        ] {
            ends(&server(&[frame(HEADERS, END_STREAM, 1, &block(&GET)), between]), PROTOCOL_ERROR);
        }
    }
}
