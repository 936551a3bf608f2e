//! Looking into WebSocket messages: the mask alone, frames with their masks taken off, and
//! permessage-deflate besides.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use flate2::{Compress, Compression, FlushCompress};
use gateway_benches::{CpuTime, bodies, criterion};
use gateway_h1h2::ws::{
    Agreement, FrameHeader, FrameReader, Opcode, Piece, Sender, Tap, TapLimits, Tapped, apply_mask,
};

/// Bytes of a read.
const CHUNK: usize = 16 << 10;

/// Messages of `size` bytes each that carry `content`, as `sender` sends them.
fn direction(content: &[u8], size: usize, sender: Sender, deflate: Option<&Agreement>) -> Bytes {
    let mut engine = Compress::new(Compression::new(6), false);
    let mut wire = Vec::new();
    for message in content.chunks(size) {
        let payload = match deflate {
            None => message.to_vec(),
            Some(_) => {
                let mut out = Vec::with_capacity(2 * message.len() + 100);
                engine.compress_vec(message, &mut out, FlushCompress::Sync).expect("room");
                out.truncate(out.len() - 4);
                out
            }
        };
        let mask = (sender == Sender::Client).then_some([1, 2, 3, 4]);
        let header = FrameHeader {
            fin: true,
            rsv1: deflate.is_some(),
            opcode: Opcode::Binary,
            mask,
            length: payload.len() as u64,
        };
        header.encode(&mut wire);
        let at = wire.len();
        wire.extend_from_slice(&payload);
        if let Some(mask) = mask {
            apply_mask(&mut wire[at..], mask, 0);
        }
    }
    wire.into()
}

/// Reads a direction to its end: how many bytes its messages have.
fn tap(wire: &Bytes, sender: Sender, deflate: Option<&Agreement>) -> usize {
    let mut frames = FrameReader::new(sender, deflate);
    let mut tap = Tap::new(deflate.map(|agreed| (agreed, sender)), TapLimits::default());
    let mut bytes = 0;
    let mut wire = wire.clone();
    while !wire.is_empty() {
        let mut input = wire.split_to(CHUNK.min(wire.len()));
        while let Some(piece) = frames.next(&mut input).expect("a frame") {
            match piece {
                Piece::Begin { header, .. } => tap.begin(&header),
                Piece::Payload { wire } => tap.push(&wire),
                Piece::End => tap.end_frame(),
                Piece::Control(_) => {}
            }
            while let Tapped::Data(plain) = tap.step().expect("content") {
                bytes += black_box(plain).len();
            }
        }
    }
    bytes
}

fn websocket(criterion: &mut Criterion<CpuTime>) {
    let [_, json, _] = bodies(1 << 20);
    let content = json.bytes;
    let mut group = criterion.benchmark_group("websocket, 1 MiB of JSON");
    group.throughput(Throughput::Bytes(content.len() as u64));
    group.bench_function("mask alone, 16 KiB at a time", |bencher| {
        let mut bytes = content.clone();
        bencher.iter(|| {
            for piece in bytes.chunks_mut(CHUNK) {
                apply_mask(black_box(piece), [1, 2, 3, 4], 0);
            }
        });
    });
    let agreed = Agreement::default();
    for size in [200, 16 << 10, 1 << 20] {
        for (name, sender, deflate) in [
            ("from a client", Sender::Client, None),
            ("from a server", Sender::Server, None),
            ("from a client, compressed", Sender::Client, Some(&agreed)),
        ] {
            let wire = direction(&content, size, sender, deflate);
            assert_eq!(tap(&wire, sender, deflate), content.len());
            group.bench_function(format!("messages of {size} B {name}"), |bencher| {
                bencher.iter(|| tap(black_box(&wire), sender, deflate));
            });
        }
    }
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    websocket(&mut criterion);
    criterion.final_summary();
}
