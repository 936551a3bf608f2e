//! Archives of packed programs that never end: all of them together are run for no longer than the
//! bytes of the archive allow.

use bytes::Bytes;
use gateway_inspect::{Unscannable, Wanted};

use crate::fixture::{deflated, gzip, stored, tar, zip};
use crate::laws::look;
use crate::program::fixture::packed;
use crate::{BodyInfo, Budget, Limits, PartEvent, Step, Unpacker};

/// Instructions by which it may be more: one that repeats, and a copy.
const MORE: u64 = 1 << 14;
const COUNT: usize = 40;

/// How many instructions were run, and how the programs ended.
fn run(body: &[u8], limits: &Limits) -> (u64, Vec<Option<Unscannable>>) {
    let inspect = gateway_inspect::Limits::default();
    let (info, wanted) = (BodyInfo::default(), Wanted::all());
    let mut unpacker = Unpacker::new(crate::laws::examiners(), wanted, &info, limits, &inspect);
    unpacker.push(Bytes::copy_from_slice(body));
    unpacker.end();
    let mut ends = Vec::new();
    loop {
        let step = unpacker.step(Budget::default());
        ends.extend(unpacker.parts().filter_map(|event| match event {
            PartEvent::Ended(end) if end.part.name.ends_with("unpacked:") => {
                Some(end.outcome.unscannable)
            }
            _ => None,
        }));
        unpacker.reports().for_each(drop);
        if step == Step::Done {
            return (unpacker.run_steps, ends);
        }
    }
}

/// So many programs that go to where they are, each with a number of its own.
fn endless(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| packed(&[&b"\xeb\xfe"[..], &i.to_le_bytes()].concat())).collect()
}

fn archive(programs: &[Vec<u8>], filler: &[u8]) -> Vec<u8> {
    let programs = programs.iter().enumerate().map(|(i, file)| deflated(&i.to_string(), file));
    zip(&[stored("filler", filler)].into_iter().chain(programs).collect::<Vec<_>>())
}

#[test]
fn many_programs_are_run_for_no_longer_than_one_archive_may() {
    let body = archive(&endless(COUNT), b"");
    let limits = Limits::default();
    let (steps, ends) = run(&body, &limits);
    assert_eq!(ends, [Some(Unscannable::WorkExceeded); COUNT]);
    assert!(steps >= limits.run_steps_floor, "{steps}: the first ones are run");
    assert!(steps <= limits.run_steps_floor + MORE, "{steps}");
}

#[test]
fn what_has_come_allows_more() {
    let limits = Limits { run_steps_floor: 10_000, run_steps_per_byte: 2, ..Limits::default() };
    let filler: Vec<u8> = (0..90_000u32).map(|i| (i.wrapping_mul(i) >> 5) as u8).collect();
    let program = &endless(1)[0];
    let zipped = archive(std::slice::from_ref(program), &filler);
    let tarred = tar("filler", &filler);
    let bare = [&tarred[..tarred.len() - 1_024], &tar("program", program)].concat();
    let packed = gzip(&bare);
    for (what, body, came) in [
        ("behind what is stored", &zipped, filler.len()),
        ("as it is on the wire", &bare, filler.len() + program.len()),
        // Of a stream that is under way it is not certain what has come.
        ("in a packed archive", &packed, 0),
    ] {
        let (steps, ends) = run(body, &limits);
        assert_eq!(ends, [Some(Unscannable::WorkExceeded)], "{what}");
        let allowed = (2 * came as u64).max(limits.run_steps_floor);
        assert!((allowed..allowed + MORE).contains(&steps), "{what}: {steps}, {allowed} allowed");
    }
}

#[test]
fn a_packed_member_allows_what_it_took_of_the_wire() {
    let limits = Limits { run_steps_floor: 10_000, run_steps_per_byte: 200, ..Limits::default() };
    let noise: Vec<u8> =
        (0..2_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let program = packed(&[&b"\xeb\xfe"[..], &noise].concat());
    let (alone, member) = (archive(&[], b""), deflated("0", &program));
    let (steps, ends) = run(&zip(&[stored("filler", b""), member]), &limits);
    assert_eq!(ends, [Some(Unscannable::WorkExceeded)]);
    // Less than the whole archive, and more than what stands before the member.
    let before = 200 * alone.len() as u64;
    assert!(steps > before.max(limits.run_steps_floor) + MORE, "{steps}, {before} before");
}

#[test]
fn the_pieces_do_not_matter() {
    let limits = Limits {
        run_steps_floor: 10_000,
        run_steps_per_byte: 1,
        ratio_floor_bytes: 1 << 16,
        ..Limits::default()
    };
    let programs = endless(4);
    let members: Vec<_> = programs.iter().map(|file| stored("a", file)).collect();
    let filler = vec![b'a'; 12_000];
    let coded = gzip(&zip(&members));
    for body in [archive(&programs, &filler), zip(&members), coded] {
        let whole = look(&body, &[body.len()], Budget::UNLIMITED, &BodyInfo::default(), &limits);
        for cuts in [&[1][..], &[7, 4_096, 33], &[1_000]] {
            let budget = Budget { decoded_bytes: 500, steps: 30 };
            let seen = look(&body, cuts, budget, &BodyInfo::default(), &limits);
            assert_eq!(whole, seen, "pieces of {cuts:?}");
        }
    }
}

#[test]
fn once_all_is_used_up_nothing_is_loaded() {
    let limits = Limits { run_steps_floor: 0, run_steps_per_byte: 0, ..Limits::default() };
    let (steps, ends) = run(&archive(&endless(COUNT), b""), &limits);
    assert_eq!((steps, ends), (0, vec![Some(Unscannable::WorkExceeded); COUNT]));
}
