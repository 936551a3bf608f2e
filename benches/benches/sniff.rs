//! Telling a protocol by its first bytes: what is decided at the first byte, at the last candidate,
//! and not at all.

use std::hint::black_box;

use criterion::Criterion;
use gateway_benches::{CpuTime, REQUEST, criterion};
use gateway_h1h2::sniff::{Protocol, Sniff, sniff_datagram, sniff_greeting, sniff_stream};

fn sniff(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("sniff");
    let quic = [&[0xc3, 0, 0, 0, 1, 8][..], &[7; 1_194]].concat();
    let rtp = [&b"\x80\x60\0\x01\0\0\0\x01\0\0\0\x01"[..], &[7; 160]].concat();
    let query = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";
    for (name, bytes, expected) in [
        ("TLS", &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..], Sniff::Is(Protocol::Tls)),
        ("HTTP/1 of 703 B", REQUEST, Sniff::Is(Protocol::Http1)),
        ("an unknown method", b"BREW coffee://pot/1 HTTP/1.1\r\n", Sniff::Is(Protocol::Http1)),
        ("IMAP", b"a001 CAPABILITY\r\n", Sniff::Is(Protocol::Imap)),
        ("SOCKS 4a", b"\x04\x01\0\x50\0\0\0\x01anna\0a.example\0", Sniff::Is(Protocol::Socks)),
        ("DNS", query, Sniff::Is(Protocol::Dns)),
        ("part of a method", b"GE", Sniff::NeedMore),
        ("nothing known", &[0xff; 64], Sniff::Unknown),
    ] {
        assert_eq!(sniff_stream(bytes), expected, "{name}");
        group.bench_function(name, |bencher| bencher.iter(|| sniff_stream(black_box(bytes))));
    }
    let greeting = b"220 mx.example ESMTP Postfix (Debian/GNU)\r\n";
    assert_eq!(sniff_greeting(greeting), Sniff::Is(Protocol::Smtp));
    group.bench_function("greeting of SMTP", |bencher| {
        bencher.iter(|| sniff_greeting(black_box(greeting)));
    });
    for (name, datagram, expected) in
        [("datagram of QUIC", &quic, Protocol::Quic), ("datagram of RTP", &rtp, Protocol::Rtp)]
    {
        assert_eq!(sniff_datagram(datagram), Some(expected));
        group.bench_function(name, |bencher| bencher.iter(|| sniff_datagram(black_box(datagram))));
    }
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    sniff(&mut criterion);
    criterion.final_summary();
}
