//! Solid archives: a member goes on from the one before, as long as that one came to its end.

use gateway_inspect::Unscannable;

use crate::Limits;
use crate::containers::{Reasons, check, seen};
use crate::crafted::solid::{
    Packed, Symbol, bytes, five, meant, rar4_of, rar5_of, three, three_alike, two,
};

const FIRST: &[u8] = b"the account holder is MALWARE, and that is that\n";

/// Symbols of two members: the second refers to the first, at the distance of its last match at first.
fn symbols() -> (Vec<Symbol>, Vec<Symbol>) {
    let first = [bytes(FIRST), vec![Symbol::Match(7, 26)]].concat();
    let second = [
        vec![Symbol::Match(9, 33), Symbol::Again(5), Symbol::Last],
        bytes(b"! "),
        // `MALWARE` of the first, some fifty bytes before.
        vec![Symbol::Match(7, FIRST.len() - 22 + 7 + 9 + 5 + 5 + 2)],
        bytes(b" again"),
    ];
    (first, second.concat())
}

/// What the members of the archives are: two, and one between them that is stored.
struct Crafted {
    first: Vec<u8>,
    second: Vec<u8>,
}

impl Crafted {
    fn new() -> Self {
        let (first, second) = symbols();
        let mut window = Vec::new();
        let first = meant(&first, &mut window);
        Self { first, second: meant(&second, &mut window) }
    }

    fn members(&self, packed: [Vec<u8>; 2]) -> [Packed<'_>; 3] {
        let [first, second] = packed;
        let member = |name: u8, bytes, content, is_stored| Packed {
            name,
            bytes,
            content,
            is_stored,
            goes_on: name == b'c',
            is_encrypted: false,
        };
        [
            member(b'a', first, &self.first, false),
            member(b'b', FIRST.to_vec(), FIRST, true),
            member(b'c', second, &self.second, false),
        ]
    }
}

/// A form: what makes an archive of members, and the packed bytes of these.
type Form = (&'static str, fn(bool, &[Packed<'_>]) -> Vec<u8>, [Vec<u8>; 2]);

fn rar5(is_solid: bool, members: &[Packed<'_>]) -> Vec<u8> {
    rar5_of(u8::from(is_solid) << 2, members)
}

fn rar3(is_solid: bool, members: &[Packed<'_>]) -> Vec<u8> {
    rar4_of(29, u16::from(is_solid) << 3, members)
}

fn rar2(is_solid: bool, members: &[Packed<'_>]) -> Vec<u8> {
    rar4_of(20, u16::from(is_solid) << 3, members)
}

fn forms() -> Vec<Form> {
    let (first, second) = symbols();
    vec![
        ("5.0", rar5, [five(&first, true), five(&second, false)]),
        ("5.0, other codes", rar5, [five(&first, true), five(&second, true)]),
        ("2.9", rar3, [three(&first, true, false), three(&second, false, false)]),
        ("2.9, other codes", rar3, [three(&first, true, true), three(&second, true, false)]),
        ("2.9, codes by those before", rar3, [three(&first, true, true), three_alike(&second)]),
        ("2.0", rar2, [two(&first, true, false), two(&second, false, false)]),
        ("2.0, other codes", rar2, [two(&first, true, true), two(&second, false, false)]),
    ]
}

#[test]
fn members_go_on_from_those_before() {
    let crafted = Crafted::new();
    assert!(crafted.second.ends_with(b"! MALWARE again"));
    for (name, archive, packed) in forms() {
        let body = archive(true, &crafted.members(packed));
        // Among these would be sums that are wrong.
        assert_eq!(reasons(&body), [], "{name}");
        for path in ["rar:a", "rar:b", "rar:c"] {
            check(&body, path);
        }
    }
}

fn reasons(body: &[u8]) -> Reasons {
    seen(body, &Limits::default()).1
}

#[test]
fn what_goes_on_from_nothing_is_unsupported() {
    let crafted = Crafted::new();
    let unsupported = ("rar:c".to_owned(), Unscannable::Unsupported);
    for (name, archive, packed) in forms() {
        let check = |what: &str, is_solid: bool, change: fn(&mut Packed<'_>), from: usize| {
            let mut members = crafted.members(packed.clone());
            change(&mut members[0]);
            let reasons = reasons(&archive(is_solid, &members[from..]));
            assert!(reasons.contains(&unsupported), "{name}, {what}: {reasons:?}");
        };
        check("not said of the archive", false, |_| {}, 0);
        check("of no member before", true, |_| {}, 1);
        check("behind one that is encrypted", true, |member| member.is_encrypted = true, 0);
        check("behind one that breaks", true, |member| member.bytes.truncate(150), 0);
        check("behind one that goes on itself", true, |member| member.goes_on = true, 0);
    }
}

#[test]
fn symbols_behind_the_end_of_a_member_leave_nothing_to_go_on_from() {
    let crafted = Crafted::new();
    for (name, archive, packed) in forms() {
        let mut members = crafted.members(packed);
        members[0].content = &crafted.first[..crafted.first.len() - 2];
        let reasons = reasons(&archive(true, &members));
        assert_eq!(reasons, [("rar:c".to_owned(), Unscannable::Unsupported)], "{name}");
    }
}

#[test]
fn members_that_break_off_tell_so() {
    let crafted = Crafted::new();
    for (name, archive, packed) in forms() {
        let members = crafted.members(packed);
        let body = archive(true, &members);
        let cut = body.len() - members[2].bytes.len() / 2;
        let (seen, reasons) = seen(&body[..cut], &Limits::default());
        assert!(reasons.contains(&("rar:c".to_owned(), Unscannable::Malformed)), "{name}");
        assert!(seen.ends.iter().any(|end| end.part.name == "rar:c"), "{name}");
    }
}
