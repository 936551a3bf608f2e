//! Law 6, memory: what inspectors and the unpacker hold stays within what they declare, counted
//! by an allocator.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use gateway_av::DatabaseBuilder;
use gateway_benches::{Counting, live_bytes, peak_bytes, restart_peak};
use gateway_content::{BodyInfo, Budget, Coding, Limits, PartEvent, Step, Unpacker};
use gateway_dlp::{DlpBuilder, ProfileConfig, RegexEntry, WordsEntry, detectors};
use gateway_inspect::conformance::{Options, check};
use gateway_inspect::{Examiner, Unscannable, Wanted};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn options() -> Options {
    Options { chunkings: 300, live_bytes: Some(live_bytes), ..Options::default() }
}

#[test]
fn the_counter_counts() {
    let before = live_bytes();
    let kept = vec![0_u8; 1_000];
    assert_eq!(live_bytes() - before, 1_000);
    drop(kept);
    assert_eq!(live_bytes(), before);
}

#[test]
fn dlp_inspectors_hold_what_they_declare() {
    let few = ["aws_access_key", "github_token", "payment_card", "private_key", "us_ssn"];
    let entries = few.into_iter().chain(["mail", "words"]);
    let dlp = DlpBuilder::new()
        .regex(RegexEntry::new("mail", "Mail address", r"[\w.]+@\w+\.(?:com|de)"))
        .words(WordsEntry::new("words", "Words", ["falcon", "blue falcon"]))
        .profile(ProfileConfig::new("all", entries))
        .build(&gateway_dlp::Limits::default())
        .unwrap();
    let looked_for = detectors().iter().filter(|detector| few.contains(&detector.id()));
    let examples = looked_for.flat_map(|detector| detector.examples());
    let mut sample = examples.map(|example| example.text).collect::<Vec<_>>().join(" ");
    sample.push_str(" a.b@c.com Blue Falcon 4 41 411 4111 41111 411111 4111111 41111111 ");
    let summary = check(&dlp, sample.as_bytes(), &options()).unwrap();
    assert!(summary.findings > 5, "{summary:?}");
}

#[test]
fn av_inspectors_hold_what_they_declare() {
    let mut builder = DatabaseBuilder::default();
    let bodies = b"A:0:*:6162*6364\nB:0:*:6161{1-9}6262\nC:0:0:7878??7878\nD:0:EOF-4:7a7a7a7a\n";
    builder.add_file("own.ndb", bodies).unwrap();
    builder.add_file("own.hdb", b"44d88612fea8a8f36de82e1278abb02f:*:E:73\n").unwrap();
    let eicar = gateway_av::eicar();
    let sample = [b"xx-xx ab aa aa bb cd aa ab ", &eicar[..], b" cd aabb aa---bb zzzz"].concat();
    for (examiner, samples) in builder.build().examiners().iter().zip([
        [&eicar[..], b"X5O!P%@AP"],
        [&sample, b"ababababcdcdcd"],
        [&eicar, &sample],
    ]) {
        for sample in samples {
            check(&**examiner, sample, &options()).unwrap();
        }
    }
}

/// What an unpacked body came to.
struct Unpacked {
    peak_bytes: usize,
    declared_bytes: usize,
    decoded_bytes: u64,
    parts: usize,
    unscannable: Option<Unscannable>,
}

/// Unpacks `body` in pieces of 16 KiB; what waits to be unpacked is counted like all else.
fn unpack(body: &Bytes, info: &BodyInfo, limits: &Limits) -> Unpacked {
    let examiners: Arc<[Arc<dyn Examiner>]> = DatabaseBuilder::default().build().examiners().into();
    let inspect = gateway_inspect::Limits::default();
    let before = live_bytes();
    restart_peak();
    let mut unpacker = Unpacker::new(examiners, Wanted::all(), info, limits, &inspect);
    let mut seen = Unpacked {
        peak_bytes: 0,
        declared_bytes: 0,
        decoded_bytes: 0,
        parts: 0,
        unscannable: None,
    };
    for start in (0..body.len()).step_by(16 << 10) {
        let end = body.len().min(start + (16 << 10));
        unpacker.push(body.slice(start..end));
        if end == body.len() {
            unpacker.end();
        }
        loop {
            let step = unpacker.step(Budget::default());
            seen.declared_bytes = seen.declared_bytes.max(unpacker.memory_max());
            unpacker.reports().for_each(drop);
            for event in unpacker.parts() {
                if let PartEvent::Ended(end) = event {
                    seen.parts += 1;
                    seen.unscannable = seen.unscannable.or(end.outcome.unscannable);
                }
            }
            if matches!(step, Step::NeedInput | Step::Done) {
                break;
            }
        }
    }
    assert!(unpacker.is_idle());
    seen.decoded_bytes = unpacker.scanned_bytes();
    seen.peak_bytes = peak_bytes() - before;
    seen
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

/// Bounds that hold for each bomb, whatever it is made of.
fn bounded(unpacked: &Unpacked) {
    let Unpacked { peak_bytes, declared_bytes, .. } = unpacked;
    assert!(peak_bytes <= declared_bytes, "{peak_bytes} bytes, {declared_bytes} declared");
    assert!(*peak_bytes <= 8 << 20, "{peak_bytes} bytes");
}

#[test]
fn a_bomb_is_given_up_by_its_ratio() {
    let bomb = Bytes::from(gzip(&vec![0; 64 << 20]).unwrap());
    let info = BodyInfo::new(vec![Coding::Gzip], Some(bomb.len() as u64));
    let unpacked = unpack(&bomb, &info, &Limits::default());
    bounded(&unpacked);
    assert_eq!(unpacked.unscannable, Some(Unscannable::RatioExceeded));
    assert!(unpacked.decoded_bytes < 16 << 20, "{}", unpacked.decoded_bytes);
}

#[test]
fn a_bomb_that_may_go_off_takes_no_more_memory() {
    let bomb = Bytes::from(gzip(&gzip(&vec![0; 64 << 20]).unwrap()).unwrap());
    let mut limits = Limits::default();
    limits.ratio_max = u32::MAX;
    let unpacked = unpack(&bomb, &BodyInfo::new(Vec::new(), None), &limits);
    bounded(&unpacked);
    assert_eq!(unpacked.unscannable, None);
    assert!(unpacked.decoded_bytes > 64 << 20, "{}", unpacked.decoded_bytes);
    assert_eq!(unpacked.parts, 3);
}

#[test]
fn an_archive_of_many_members_is_bounded() {
    let mut archive = Vec::new();
    for number in 0..50_000_u32 {
        let name = format!("{number:0>60}");
        archive.extend_from_slice(
            b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3c\0\0\0",
        );
        archive.extend_from_slice(name.as_bytes());
    }
    let unpacked = unpack(&archive.into(), &BodyInfo::new(Vec::new(), None), &Limits::default());
    bounded(&unpacked);
    assert!(unpacked.unscannable.is_some());
    assert!(unpacked.parts > 1_000, "{}", unpacked.parts);
}
