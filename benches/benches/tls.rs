//! Minting a leaf, finding one that was minted, and peeking at a ClientHello.

use std::hint::black_box;

use criterion::Criterion;
use gateway_benches::{CpuTime, criterion};
use gateway_tls::{
    Authority, AuthorityRequest, CacheLimits, ClientHelloPeek, LeafCache, LeafKey, LeafRequest,
    Peek, SigningKey,
};

const NOW_UNIX_S: u64 = 1_750_000_000;

fn authority() -> Authority {
    let request = AuthorityRequest {
        common_name: "Bench CA",
        now_unix_s: NOW_UNIX_S,
        validity_days: 365,
        serial: [1; 16],
    };
    let key = SigningKey::from_random_bytes(&[7; 32]).expect("a key");
    Authority::create(&request, key).expect("an authority")
}

fn minting(criterion: &mut Criterion<CpuTime>) {
    let authority = authority();
    let leaf_key = SigningKey::from_random_bytes(&[9; 32]).expect("a key");
    let mint = |origin| {
        let host = "www.example.com";
        let request = LeafRequest { host, origin, now_unix_s: NOW_UNIX_S, serial: [2; 16] };
        authority.mint(&request, &leaf_key).expect("a leaf")
    };
    let origin = mint(None).chain.swap_remove(0);
    criterion.bench_function("mint a leaf", |bencher| bencher.iter(|| mint(None)));
    criterion.bench_function("mint a leaf that mirrors an origin", |bencher| {
        bencher.iter(|| mint(Some(black_box(&origin))));
    });

    let mut cache = LeafCache::new(CacheLimits::default());
    let key = |number: usize| LeafKey::new(1, &format!("host-{number}.example"));
    for number in 0..CacheLimits::default().entries_max {
        cache.insert(key(number), number, NOW_UNIX_S + 86_400);
    }
    criterion.bench_function("find a leaf among 4,096", |bencher| {
        let host = black_box("host-2000.example");
        bencher.iter(|| cache.find(&LeafKey::new(1, host), NOW_UNIX_S).copied());
    });
}

/// A ClientHello of 517 bytes, as browsers pad theirs, in one record.
fn client_hello() -> Vec<u8> {
    let extension = |kind: u16, contents: &[u8]| {
        let length = u16::try_from(contents.len()).expect("a short extension");
        [&kind.to_be_bytes()[..], &length.to_be_bytes(), contents].concat()
    };
    let mut extensions = [
        extension(0, b"\0\x12\0\0\x0fwww.example.com"),
        extension(16, b"\0\x0c\x02h2\x08http/1.1"),
        extension(43, &[4, 3, 4, 3, 3]),
        extension(13, &[0, 6, 4, 3, 8, 4, 4, 1]),
        extension(51, &[&[0, 36, 0, 29, 0, 32][..], &[5; 32]].concat()),
    ]
    .concat();
    let front = [&[3, 3][..], &[5; 32], &[32], &[6; 32], b"\0\x06\x13\x01\x13\x02\xc0\x2b\x01\0"];
    let front = front.concat();
    let padding = 517 - 5 - 4 - front.len() - 2 - extensions.len() - 4;
    extensions.extend(extension(21, &vec![0; padding]));
    let body = [&*front, &(extensions.len() as u16).to_be_bytes(), &extensions].concat();
    let message = [&[1, 0], &(body.len() as u16).to_be_bytes()[..], &body].concat();
    [&[22, 3, 1], &(message.len() as u16).to_be_bytes()[..], &message].concat()
}

fn peeking(criterion: &mut Criterion<CpuTime>) {
    let wire = client_hello();
    assert_eq!(wire.len(), 517);
    criterion.bench_function("peek at a ClientHello of 517 bytes", |bencher| {
        bencher.iter(|| match ClientHelloPeek::default().push(black_box(&wire)) {
            Peek::Hello(hello) => hello,
            other => panic!("{other:?}"),
        });
    });
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    minting(&mut criterion);
    peeking(&mut criterion);
    criterion.final_summary();
}
