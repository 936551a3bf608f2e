//! What a spool keeps, in which order, over restarts and damage.

use std::ops::Range;

use super::*;
use crate::scratch::Scratch;

const ROOM: u64 = 1 << 30;

fn line(number: u32) -> Vec<u8> {
    format!("{{\"number\":{number}}}\n").into_bytes()
}

fn fill(spool: &mut Spool, numbers: Range<u32>) {
    for number in numbers {
        spool.append(&number.to_le_bytes(), u64::from(number), &line(number)).unwrap();
    }
}

fn shown(records: &[Spooled]) -> Vec<u32> {
    let number = |record: &Spooled| {
        let number = u32::from_le_bytes(*record.key().first_chunk().unwrap());
        assert_eq!(record.line(), line(number));
        assert_eq!(record.time_ns(), u64::from(number));
        number
    };
    records.iter().map(number).collect()
}

fn peek(spool: &mut Spool, records_max: usize) -> Peeked {
    let mut lost = 0;
    let peeked = spool.peek(records_max, &mut lost).unwrap();
    assert_eq!(lost, 0);
    peeked
}

fn advance(spool: &mut Spool, peeked: &Peeked) {
    spool.advance(peeked, u64::try_from(peeked.records.len()).unwrap()).unwrap();
}

fn drain(spool: &mut Spool) -> Vec<u32> {
    let mut numbers = Vec::new();
    loop {
        let peeked = peek(spool, 7);
        if peeked.records.is_empty() {
            return numbers;
        }
        numbers.extend(shown(&peeked.records));
        advance(spool, &peeked);
    }
}

fn files(scratch: &Scratch) -> usize {
    std::fs::read_dir(scratch.path()).unwrap().count()
}

#[test]
fn first_in_first_out() {
    let scratch = Scratch::new();
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    fill(&mut spool, 0..20);
    assert_eq!(spool.records(), 20);
    assert_eq!(shown(&peek(&mut spool, 5).records), [0, 1, 2, 3, 4]);
    assert_eq!(shown(&peek(&mut spool, 2).records), [0, 1], "what is not advanced stays");
    assert_eq!(drain(&mut spool), (0..20).collect::<Vec<_>>());
    assert_eq!(spool.records(), 0);
    assert_eq!(files(&scratch), 1, "the position alone stays");
    fill(&mut spool, 20..22);
    assert_eq!(drain(&mut spool), [20, 21]);
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let scratch = Scratch::new();
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    fill(&mut spool, 0..10);
    let peeked = peek(&mut spool, 4);
    advance(&mut spool, &peeked);
    drop(spool);
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    assert_eq!(spool.records(), 6);
    fill(&mut spool, 10..12);
    assert_eq!(drain(&mut spool), (4..12).collect::<Vec<_>>());
}

#[test]
fn a_lost_position_delivers_again_and_loses_nothing() {
    for position in [&b""[..], b"0123456789", b"01234567890123456789"] {
        let scratch = Scratch::new();
        let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
        fill(&mut spool, 0..10);
        let peeked = peek(&mut spool, 4);
        advance(&mut spool, &peeked);
        drop(spool);
        std::fs::write(scratch.path().join("position"), position).unwrap();
        let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
        assert_eq!(drain(&mut spool), (0..10).collect::<Vec<_>>());
    }
}

#[test]
fn older_records_go_before_the_others() {
    let scratch = Scratch::new();
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    for numbers in [10..20, 5..10, 0..5] {
        let lines: Vec<_> =
            numbers.clone().map(|n: u32| (n.to_le_bytes(), u64::from(n), line(n))).collect();
        let records = lines.iter().map(|(key, time, line)| (&key[..], *time, &line[..]));
        assert_eq!(spool.prepend(records).unwrap(), u64::from(numbers.end - numbers.start));
    }
    fill(&mut spool, 20..30);
    drop(spool);
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    assert_eq!(drain(&mut spool), (0..30).collect::<Vec<_>>());
}

#[test]
fn segments_roll_and_go() {
    let scratch = Scratch::new();
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    let long = vec![b'x'; 3 << 20];
    for number in 0_u64..8 {
        spool.append(b"key", number, &long).unwrap();
    }
    assert_eq!(files(&scratch), 1 + 3);
    let mut times = Vec::new();
    loop {
        let peeked = peek(&mut spool, 100);
        if peeked.records.is_empty() {
            break;
        }
        assert!(peeked.records.iter().all(|record| record.line() == long));
        times.extend(peeked.records.iter().map(Spooled::time_ns));
        advance(&mut spool, &peeked);
    }
    assert_eq!(times, (0..8).collect::<Vec<_>>());
    assert_eq!(files(&scratch), 1);
}

#[test]
fn the_cap_holds() {
    let scratch = Scratch::new();
    let mut spool = Spool::open(scratch.path(), 1_000).unwrap();
    let mut fitted = 0;
    while spool.append(b"key", 0, &[b'x'; 100]).is_ok() {
        fitted += 1;
    }
    assert_eq!(fitted, 8, "frames of 121 bytes");
    assert!(matches!(
        spool.append(b"key", 0, &[b'x'; 100]),
        Err(SpoolError::Full { bytes_max: 1_000 })
    ));
    assert_eq!(spool.prepend([(&b"key"[..], 0, &[b'x'; 100][..])].into_iter()).unwrap(), 0);
    assert_eq!(spool.records(), 8);
    assert!(matches!(spool.append(&[0; 70_000], 0, b""), Err(SpoolError::TooLong)));
}

#[test]
fn a_torn_or_damaged_frame_ends_its_segment() {
    for (damage, whole) in [
        // Torn in the last frame, and changed in the fourth.
        ((|bytes| bytes.truncate(bytes.len() - 3)) as fn(&mut Vec<u8>), 9),
        (|bytes| bytes[35 * 3 + 20] ^= 1, 3),
    ] {
        let scratch = Scratch::new();
        let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
        fill(&mut spool, 0..10);
        drop(spool);
        let file = scratch.path().join(format!("{FIRST:016x}.segment"));
        let mut bytes = std::fs::read(&file).unwrap();
        damage(&mut bytes);
        std::fs::write(&file, bytes).unwrap();
        let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
        assert!(spool.damaged_bytes() > 0);
        assert_eq!(spool.records(), whole);
        fill(&mut spool, 50..52);
        let expected: Vec<_> = (0..u32::try_from(whole).unwrap()).chain(50..52).collect();
        assert_eq!(drain(&mut spool), expected);
    }
}

#[test]
fn damage_under_way_is_counted() {
    let scratch = Scratch::new();
    let mut spool = Spool::open(scratch.path(), ROOM).unwrap();
    fill(&mut spool, 0..10);
    let file = scratch.path().join(format!("{FIRST:016x}.segment"));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[35 * 3 + 20] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let peeked = peek(&mut spool, 100);
    assert_eq!(peeked.records.len(), 3);
    advance(&mut spool, &peeked);
    let mut lost = 0;
    assert!(spool.peek(100, &mut lost).unwrap().records.is_empty());
    assert_eq!((lost, spool.records()), (7, 0));
}

#[test]
fn a_folder_has_one_owner() {
    let scratch = Scratch::new();
    let spool = Spool::open(scratch.path(), ROOM).unwrap();
    assert!(matches!(Spool::open(scratch.path(), ROOM), Err(StartError::InUse { .. })));
    drop(spool);
    assert!(Spool::open(scratch.path(), ROOM).is_ok());
}
