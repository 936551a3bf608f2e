//! Unpacks a body as it streams and lists its parts.
//!
//! `cargo run -p gateway-examples --example unpack_archive [FILE]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::sync::Arc;
use std::{env, fs, io};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, Limits, PartEvent, Step, Unpacker};
use gateway_inspect::Wanted;

/// A ZIP file with one member, `a.txt`.
const SAMPLE: &[u8] = b"PK\x03\x04\x0a\0\0\0\0\0\0\0!\0\x82\x89\xd1\xf7\x05\0\0\0\x05\0\0\0\x05\0\0\0\
    a.txtHelloPK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0!\0\x82\x89\xd1\xf7\x05\0\0\0\x05\0\0\0\x05\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0a.txtPK\x05\x06\0\0\0\0\x01\0\x01\0\x33\0\0\0\x28\0\0\0\0\0";

fn main() -> io::Result<()> {
    let body = env::args().nth(1).map_or_else(|| Ok(SAMPLE.to_vec()), fs::read)?;
    for line in parts(body.into()) {
        println!("{line}");
    }
    Ok(())
}

fn parts(body: Bytes) -> Vec<String> {
    // With examiners, every part would be shown to a fresh chain of their inspectors.
    let wanted = Wanted::from_iter([Unpacker::SCANNER]);
    let info = BodyInfo::new(Vec::new(), Some(body.len() as u64));
    let inspect = gateway_inspect::Limits::default();
    let mut unpacker = Unpacker::new(Arc::new([]), wanted, &info, &Limits::default(), &inspect);
    unpacker.push(body);
    unpacker.end();
    let mut lines = Vec::new();
    loop {
        // Between two steps others can have their turn.
        let step = unpacker.step(Budget::default());
        for event in unpacker.parts() {
            if let PartEvent::Ended(end) = event {
                let (depth, kind) = (usize::from(end.part.depth), end.part.kind);
                let fault = end.outcome.unscannable.map_or("", |reason| reason.name());
                let indent = "  ".repeat(depth);
                lines.push(format!("{indent}{:?} {kind} {} {fault}", end.part.name, end.bytes));
            }
        }
        if matches!(step, Step::Done | Step::NeedInput) {
            return lines;
        }
    }
}

#[test]
fn the_sample_has_a_member() {
    assert_eq!(parts(SAMPLE.into()), ["  \"zip:a.txt\" text 5 ", "\"\" zip 113 "]);
}
