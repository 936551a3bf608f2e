//! Writes the seeds that no editor can: `cargo run --manifest-path fuzz/Cargo.toml --example
//! seeds`. The other corpora are text, written by hand.

use std::io::{self, Write};
use std::path::Path;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::{Compression, Crc};

fn main() -> io::Result<()> {
    let (chrome, small) = (hello(&browser("www.example.com")), hello(&[(0, server_name("a.b"))]));
    let other = [22, 3, 1, 0, 4, 2, 0, 0, 0];
    for (name, segment, wire) in [
        ("alpn_only", 3, record(&hello(&[(16, counted(2, &counted(1, b"http/1.1")))]))),
        ("browser", 255, record(&chrome)),
        ("duplicate_extension", 9, record(&hello(&[(0, server_name("a")), (0, server_name("b"))]))),
        ("encrypted_hello", 80, record(&hello(&[(0xfe0d, vec![0; 9]), (0, server_name("front"))]))),
        ("faulty_name", 7, record(&hello(&[(0, server_name("a b..c"))]))),
        ("no_extensions", 1, record(&hello(&[]))),
        ("not_tls", 2, b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("other_message", 0, other.to_vec()),
        ("records_of_40_bytes", 60, chrome.chunks(40).flat_map(record).collect()),
        ("records_of_one_byte", 5, small.chunks(1).flat_map(record).collect()),
        ("two_hellos", 30, [record(&small), record(&chrome)].concat()),
        ("unfinished", 11, record(&chrome[..100])),
    ] {
        write("client_hello", name, &[&[segment], &*wire].concat())?;
    }
    let text = b"An innocent text with MALWARE in it.";
    let inner = zip(&[("inner.txt", text, Method::Deflated)]);
    let members = [("a.txt", &text[..], Method::Stored), ("b/c.txt", text, Method::Deflated)];
    let torn = zip(&members);
    for (name, coding, cut, tight, body) in [
        ("bomb", 0, 200, 1, gzip(&vec![0; 40_000])?),
        // An uncompressed block each: RFC 7932 §9.2, RFC 8878 §3.1.1.2.
        ("brotli_coding", 5, 4, 0, b"\x0b\x05\x80a MALWARE b\x03".to_vec()),
        ("deflate_coding", 2, 5, 0, zlib(text)?),
        ("deflate_in_gzip_coding", 3, 9, 2, gzip(&zlib(text)?)?),
        ("gzip_coding", 1, 3, 0, gzip(text)?),
        ("gzip_coding_torn", 1, 3, 1, gzip(text)?[..30].to_vec()),
        ("gzip_file_twice", 0, 7, 4, gzip(&gzip(text)?)?),
        ("plain", 0, 1, 0, text.to_vec()),
        ("zip", 0, 40, 0, torn.clone()),
        ("zip_in_gzip_coding", 1, 64, 3, gzip(&torn)?),
        ("zip_in_zip", 0, 30, 5, zip(&[("deep.zip", &inner, Method::Stored)])),
        ("zip_torn", 0, 17, 0, torn[..90].to_vec()),
        ("zstd_coding", 4, 6, 0, b"\x28\xb5\x2f\xfd\x20\x07\x39\0\0MALWARE".to_vec()),
        ("zip_with_prefix", 0, 90, 1, [b"MZ stub ", &*torn].concat()),
    ] {
        write("content_tree", name, &[&[coding, cut, tight], &*body].concat())?;
    }
    for (name, kind, code) in packed_programs() {
        write("content_emulator", name, &[&[kind], &*code].concat())?;
    }
    for (name, frames) in h2_requests() {
        write("h2_server", name, &[&[6], &*frames.concat()].concat())?;
    }
    for (name, frames) in h2_responses() {
        write("h2_client", name, &[&[8], &*frames.concat()].concat())?;
    }
    Ok(())
}

/// Code of programs, and how a program is made of it: 1 without an empty section that could be run,
/// 2 with one at 401000. The code stands at 403000.
fn packed_programs() -> Vec<(&'static str, u8, Vec<u8>)> {
    // mov edi, 401000; mov eax, c3; stosb; jmp 401000
    let goes_on = b"\xbf\0\x10\x40\0\xb8\xc3\0\0\0\xaa\xe9\xf0\xdf\xff\xff";
    // mov esi, 403000; mov edi, 401000; mov ecx, 40; rep movsb; mov eax, 401018; jmp eax; ret
    let copies =
        b"\xbe\0\x30\x40\0\xbf\0\x10\x40\0\xb9\x40\0\0\0\xf3\xa4\xb8\x18\x10\x40\0\xff\xe0\xc3";
    // push 403018; push fs:[0]; mov fs:[0], esp; int3, and a handler that goes on behind it
    let faults = b"\x31\xc9\x68\x18\x30\x40\0\x64\xff\x31\x64\x89\x21\xcc\x64\x8f\x01\xc3\x90\x90\x90\x90\x90\x90\
        \x8b\x44\x24\x0c\xff\x80\xb8\0\0\0\x31\xc0\xc3";
    // mov eax, fs:[30]; the list of libraries; the second of them; its first word
    let walks = b"\x64\xa1\x30\0\0\0\x8b\x40\x0c\x8b\x40\x0c\x8b\0\x8b\x40\x18\x0f\xb7\0\xc3";
    vec![
        ("copies", 2, copies.to_vec()),
        ("endless", 1, b"\xeb\xfe".to_vec()),
        ("faults", 1, faults.to_vec()),
        ("fills", 2, b"\xbf\0\x10\x40\0\xb9\0\0\x10\0\xf3\xab".to_vec()),
        ("function", 2, b"\xb8\xf0\x11\x80\x7c\xff\xd0\xc3".to_vec()),
        ("goes_on", 2, goes_on.to_vec()),
        ("plain", 1, b"\x55\x8b\xec\x5d\xc3".to_vec()),
        ("trapped", 2, b"\x9c\x80\x4c\x24\x01\x01\x9d\x90\xc3".to_vec()),
        ("walks", 1, walks.to_vec()),
        ("wide", 2, b"\xb8\x01\0\0\0\x0f\xa5\xc8\xf7\xe9\x0f\xba\xe8\x05\xf7\xf8\xc3".to_vec()),
    ]
}

fn write(target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    std::fs::write(corpus.join(name), bytes)
}

/// `bytes` behind their number, big-endian in `width` bytes.
fn counted(width: usize, bytes: &[u8]) -> Vec<u8> {
    let number = (bytes.len() as u64).to_be_bytes();
    [&number[8 - width..], bytes].concat()
}

fn record(payload: &[u8]) -> Vec<u8> {
    [&[22, 3, 1], &*counted(2, payload)].concat()
}

fn server_name(host: &str) -> Vec<u8> {
    counted(2, &[&[0], &*counted(2, host.as_bytes())].concat())
}

/// What browsers send: names, protocols, versions, groups, signatures and padding.
fn browser(host: &str) -> Vec<(u16, Vec<u8>)> {
    vec![
        (0x1a1a, vec![]),
        (0, server_name(host)),
        (10, counted(2, &[0x8a, 0x8a, 0, 29, 0, 23])),
        (13, counted(2, &[4, 3, 8, 4, 4, 1])),
        (16, counted(2, &[counted(1, b"h2"), counted(1, b"http/1.1")].concat())),
        (21, vec![0; 60]),
        (43, counted(1, &[0x4a, 0x4a, 3, 4, 3, 3])),
        (51, counted(2, &[0, 29, 0, 2, 7, 7])),
    ]
}

/// A ClientHello message with these extensions.
fn hello(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = [&[3, 3], &[0x5a; 32][..], &counted(1, &[8; 32])].concat();
    body.extend(counted(2, &[0x3a, 0x3a, 0x13, 1, 0x13, 2, 0xc0, 0x2b]));
    body.extend([1, 0]);
    let entry = |(kind, contents): &(u16, Vec<u8>)| {
        [&kind.to_be_bytes()[..], &counted(2, contents)].concat()
    };
    body.extend(counted(2, &extensions.iter().flat_map(entry).collect::<Vec<_>>()));
    [&[1], &*counted(3, &body)].concat()
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

fn zlib(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

#[derive(Clone, Copy)]
enum Method {
    Stored,
    Deflated,
}

fn zip(members: &[(&str, &[u8], Method)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for &(name, content, method) in members {
        let offset = out.len() as u32;
        let header = header(name, content, method);
        out.extend(
            [b"PK\x03\x04\x14\0", &*header.shared, name.as_bytes(), &header.packed].concat(),
        );
        directory.extend([b"PK\x01\x02\x14\0\x14\0", &*header.shared, &[0; 10]].concat());
        directory.extend([&offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let (start, bytes, count) = (out.len() as u32, directory.len() as u32, members.len() as u16);
    out.extend(directory);
    out.extend([b"PK\x05\x06\0\0\0\0", &count.to_le_bytes()[..], &count.to_le_bytes()].concat());
    out.extend([&bytes.to_le_bytes()[..], &start.to_le_bytes(), &[0, 0]].concat());
    out
}

/// Flags to extra length, which both headers of a member have, and its data.
struct Header {
    shared: Vec<u8>,
    packed: Vec<u8>,
}

fn header(name: &str, content: &[u8], method: Method) -> Header {
    let (number, packed) = match method {
        Method::Stored => (0_u16, content.to_vec()),
        Method::Deflated => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(content).expect("a vector takes everything");
            (8, encoder.finish().expect("a vector takes everything"))
        }
    };
    let mut crc = Crc::new();
    crc.update(content);
    let mut shared = [&[0, 0][..], &number.to_le_bytes(), &[0; 4]].concat();
    for value in [crc.sum(), packed.len() as u32, content.len() as u32] {
        shared.extend(value.to_le_bytes());
    }
    shared.extend((name.len() as u16).to_le_bytes());
    shared.extend([0, 0]);
    Header { shared, packed }
}

type Frames = Vec<Vec<u8>>;

/// What a client sends behind its preface.
fn h2_requests() -> Vec<(&'static str, Frames)> {
    let settings = || frame(4, 0, 0, &[]);
    let get = |flags, stream, more: &[(&str, &str)]| {
        let get = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")];
        frame(1, flags, stream, &fields(&[&get, more].concat()))
    };
    let connect = [(":method", "CONNECT"), (":authority", "a:443")];
    let websocket = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", "a"),
        (":path", "/chat"),
    ];
    let indexed = [0x82, 0x87, 0x84, 0x41, 1, b'a', 0x40, 1, b'x', 1, b'y', 0xbe, 0xbe];
    let upload = get(4, 1, &[("content-length", "4")]);
    vec![
        (
            "body_and_trailers",
            vec![
                settings(),
                get(4, 1, &[("te", "trailers")]),
                frame(0, 0, 1, b"some"),
                frame(0, 8, 1, b"\x01more\0"),
                frame(1, 5, 1, &fields(&[("sum", "1")])),
            ],
        ),
        ("body_too_long", vec![settings(), upload.clone(), frame(0, 1, 1, b"three")]),
        ("connect", vec![settings(), frame(1, 4, 1, &fields(&connect)), frame(0, 0, 1, b"x")]),
        (
            "continued",
            vec![settings(), frame(1, 1, 1, &indexed[..5]), frame(9, 4, 1, &indexed[5..])],
        ),
        ("cookies", vec![settings(), get(5, 1, &[("cookie", "a=1"), ("cookie", "b=2")])]),
        ("empty_end", vec![settings(), upload, frame(0, 0, 1, b"four"), frame(0, 1, 1, b"")]),
        ("goodbye", vec![settings(), get(5, 1, &[]), frame(7, 0, 0, &[0; 8])]),
        ("host_differs", vec![settings(), get(5, 1, &[("host", "b")])]),
        ("indexed", vec![settings(), frame(1, 5, 1, &indexed)]),
        (
            "others",
            vec![
                settings(),
                frame(2, 0, 3, &[0, 0, 0, 0, 7]),
                frame(6, 0, 0, b"12345678"),
                frame(8, 0, 0, &[0, 0, 1, 0]),
                frame(0xbe, 7, 1, b"grease"),
                frame(5, 4, 1, &[0, 0, 0, 2]),
            ],
        ),
        ("reset", vec![settings(), get(4, 1, &[]), frame(3, 0, 1, &[0, 0, 0, 8]), get(5, 3, &[])]),
        ("websocket", vec![settings(), frame(1, 4, 1, &fields(&websocket)), frame(0, 1, 1, b"x")]),
    ]
}

/// What a server sends to a client with requests on the streams 1, 3, 5 and 7.
fn h2_responses() -> Vec<(&'static str, Frames)> {
    let settings = || frame(4, 0, 0, &[0, 3, 0, 0, 0, 100, 0, 8, 0, 0, 0, 1]);
    let head = |flags, stream, status, more: &[(&str, &str)]| {
        frame(1, flags, stream, &fields(&[&[(":status", status)], more].concat()))
    };
    vec![
        ("bodiless", vec![settings(), head(5, 1, "204", &[]), head(5, 3, "200", &[])]),
        ("body_to_head", vec![settings(), head(4, 3, "200", &[]), frame(0, 1, 3, b"x")]),
        ("goodbye", vec![settings(), frame(7, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0])]),
        (
            "interim",
            vec![settings(), head(4, 1, "103", &[("link", "<x>")]), head(5, 1, "304", &[])],
        ),
        (
            "page",
            vec![
                settings(),
                head(4, 1, "200", &[("content-length", "4")]),
                frame(0, 1, 1, b"page"),
                head(4, 5, "200", &[]),
                frame(0, 0, 5, b"more"),
                frame(1, 5, 5, &fields(&[("grpc-status", "0")])),
            ],
        ),
        ("push", vec![settings(), frame(5, 4, 1, &[0, 0, 0, 2])]),
        ("refused", vec![settings(), frame(3, 0, 1, &[0, 0, 0, 7]), frame(3, 0, 5, &[0; 4])]),
        ("switch", vec![settings(), head(4, 1, "101", &[])]),
        (
            "tunnel",
            vec![settings(), head(4, 7, "200", &[]), frame(0, 0, 7, b"x"), frame(0, 1, 7, b"")],
        ),
    ]
}

/// One HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header block of literals that go into no table.
fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| counted(1, text.as_bytes());
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}
