//! RFC 7541: how fields are written, in all ways that there are and in some that there are not.

use super::Answer::{self, Ends, Response};
use super::wire::*;
use super::{Case, case};

/// `www.example.com` in the code of Huffman (§C.4.1).
const HUFFMAN: &[u8] = b"\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff";
/// `custom-key` in it (§C.4.3).
const NAME: &[u8] = b"\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f";

const UNREADABLE: Answer = Ends(&[COMPRESSION_ERROR, PROTOCOL_ERROR]);

pub(super) fn cases(wire: &Wire) -> Vec<Case> {
    [right(wire), wrong(wire)].into_iter().flatten().collect()
}

fn right(w: &Wire) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut taken = |source, about, front: &[u8], behind: &[u8]| {
        let block = [front, &w.get(), behind].concat();
        cases.push(case(source, about, vec![frame(HEADERS, ENDS, 1, &block)], Response(1)));
    };
    // The static table has `accept-encoding: gzip, deflate` at 16 and `user-agent` at 58.
    taken("RFC 7541 §6.1", "of the static table", &[], &[0x90]);
    taken("RFC 7541 §6.1", "of the dynamic table", &[], b"\x7a\x01x\xbe");
    for (source, indexed, new) in [
        ("RFC 7541 §6.2.1", &[0x7a][..], &[0x40][..]),
        ("RFC 7541 §6.2.2", &[0x0f, 0x2b], &[0x00]),
        ("RFC 7541 §6.2.3", &[0x1f, 0x2b], &[0x10]),
    ] {
        taken(source, "known name", &[], &[indexed, b"\x01x"].concat());
        taken(source, "known name, Huffman", &[], &[indexed, HUFFMAN].concat());
        taken(source, "new name", &[], &[new, b"\x04test\x02ok"].concat());
        taken(source, "new name, Huffman", &[], &[new, NAME, HUFFMAN].concat());
    }
    taken("RFC 7541 §6.3", "one size", &[0x20], &[]);
    taken("RFC 7541 §6.3", "two sizes", &[0x20, 0x3f, 0xe1, 0x1f], &[]);
    cases
}

fn wrong(w: &Wire) -> Vec<Case> {
    let refused = |source, about, front: &[u8], behind: &[u8]| {
        let block = [front, &w.get(), behind].concat();
        case(source, about, vec![frame(HEADERS, ENDS, 1, &block)], UNREADABLE)
    };
    let text = |value: &[u8]| [&[0x00, 4][..], b"test", value].concat();
    vec![
        refused("RFC 7541 §2.3.3", "beyond the tables", &[], &[0x80 | 70]),
        refused("RFC 7541 §2.3.3", "name beyond the tables", &[], b"\x7f\x07\x01x"),
        refused("RFC 7541 §4.2", "a size behind the fields", &[], &[0x20]),
        refused(
            "RFC 7541 §5.2",
            "eight bits of padding",
            &[],
            &text(b"\x8d\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff\xff"),
        ),
        refused("RFC 7541 §5.2", "padding of zeros", &[], &text(b"\x81\x00")),
        refused("RFC 7541 §5.2", "the end of strings", &[], &text(b"\x84\xff\xff\xff\xff")),
        refused("RFC 7541 §6.1", "index 0", &[], &[0x80]),
        refused("RFC 7541 §6.3", "a size beyond what was agreed", &[0x3f, 0xe2, 0x1f], &[]),
    ]
}
