//! From HTTP/2 to HTTP/1.1: whatever fields a client of HTTP/2 sends, what goes on to an origin of
//! HTTP/1.1 is one request, with the same meaning, or nothing.

use bytes::Bytes;
use gateway_h1h2::h1::{Connection, Options, replay_requests};
use gateway_h1h2::{Event, Fields, RequestHead, UpgradeField, h2, strip_hop_by_hop};

use crate::h2::generous;

/// Names that mean something, by the low bits of a byte.
const NAMES: [&str; 16] = [
    ":authority",
    ":method",
    ":path",
    ":protocol",
    ":scheme",
    "connection",
    "content-length",
    "content_length",
    "cookie",
    "expect",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
    "x-y",
    "via",
];

/// A name by number, or from here on one that is given.
const GIVEN: u8 = 0xe0;
/// The end of the fields: data follows.
const END: u8 = 0xff;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Fields, each a byte for its name and a length with a value, then `0xff`, a byte for the trailers,
/// and the body. Pseudo-fields that are not given are those of a GET.
pub fn h2_to_h1(data: &[u8]) {
    let Some((fields, rest)) = fields(data) else { return };
    let (&[trailed], body) = rest.split_first_chunk().unwrap_or((&[0], &[]));
    let mut wire = PREFACE.to_vec();
    let has_body = !body.is_empty() || trailed & 1 == 1;
    wire.extend(frame(1, if has_body { 4 } else { 5 }, &block(&fields)));
    for piece in body.chunks(16_000) {
        let last = piece.len() < 16_000 || piece.as_ptr_range().end == body.as_ptr_range().end;
        wire.extend(frame(0, u8::from(last && trailed & 1 == 0), piece));
    }
    if trailed & 1 == 1 {
        let name = if trailed & 2 == 0 { &b"x-sum"[..] } else { b"host" };
        wire.extend(frame(1, 5, &block(&[(name.to_vec(), b"1".to_vec())])));
    }
    let mut server = h2::Connection::server(generous());
    server.receive(Bytes::from(wire));
    let (mut head, mut taken, mut trailers, mut ended) = (None, Vec::new(), None, false);
    loop {
        while let Ok(Some((stream, event))) = server.poll_event() {
            match event {
                Event::RequestHead(told) => head = Some(told),
                Event::Data(data) => {
                    server.credit(stream, data.len() as u64);
                    taken.extend_from_slice(&data);
                }
                Event::Trailers(fields) => trailers = Some(*fields),
                Event::End => ended = true,
                _ => {}
            }
        }
        if server.poll_output(&mut Vec::new()) == 0 {
            break;
        }
    }
    if let Some(head) = head.filter(|head| ended && head.protocol.is_none()) {
        assert_eq!(taken, body, "a body of its own length");
        pass_on(*head, &taken, trailers);
    }
}

/// Sends the request on as HTTP/1.1 and reads it as an origin would.
fn pass_on(mut head: RequestHead, body: &[u8], trailers: Option<Fields>) {
    head.target = head.target.to_origin_form();
    strip_hop_by_hop(&mut head.fields, UpgradeField::Strip);
    let mut client = Connection::client(Options::default());
    let stream = client.open();
    let (method, target, fields) = (head.method.clone(), head.target.clone(), sorted(&head.fields));
    if client.send(stream, Event::RequestHead(Box::new(head))).is_err() {
        return;
    }
    let data = (!body.is_empty()).then(|| Event::Data(Bytes::copy_from_slice(body)));
    let trailed = trailers.is_some();
    for event in
        data.into_iter().chain(trailers.map(Box::new).map(Event::Trailers)).chain([Event::End])
    {
        if client.send(stream, event).is_err() {
            return;
        }
    }
    let mut pieces = Vec::new();
    client.poll_output(&mut pieces);
    let written = pieces.concat();
    let shown = written.escape_ascii();
    let mut options = Options::default();
    // A length of its own for what is written anew.
    options.limits.head_bytes_max *= 2;
    options.limits.fields_max += 8;
    let read = replay_requests(options, [&*written]);
    let unknown = read.error.is_some_and(|error| error.check.id() == "expect-unknown");
    if unknown {
        return;
    }
    assert_eq!(read.error, None, "{shown}");
    let heads: Vec<_> =
        read.events.iter().filter(|(_, e)| matches!(e, Event::RequestHead(_))).collect();
    let [(_, Event::RequestHead(again))] = &heads[..] else { panic!("not one request: {shown}") };
    assert_eq!((&again.method, &again.target), (&method, &target), "{shown}");
    assert_eq!(sorted(&again.fields), fields, "{shown}");
    let data = read.events.iter().filter_map(|(_, event)| match event {
        Event::Data(data) => Some(&**data),
        _ => None,
    });
    assert_eq!(data.collect::<Vec<_>>().concat(), body, "{shown}");
    let sum = read.events.iter().any(|(_, event)| matches!(event, Event::Trailers(_)));
    assert!(trailed || !sum, "{shown}");
}

fn sorted(fields: &Fields) -> Vec<(String, Vec<u8>)> {
    let mut lines: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec()))
        .filter(|(name, _)| name != "connection")
        .collect();
    lines.sort();
    lines
}

type Line = (Vec<u8>, Vec<u8>);

/// The fields that `data` tells, and what is behind them; `None` if there are too many for a block.
fn fields(mut data: &[u8]) -> Option<(Vec<Line>, &[u8])> {
    let mut lines: Vec<Line> = Vec::new();
    while let Some((&tag, rest)) = data.split_first() {
        data = rest;
        if tag == END {
            break;
        }
        let name = match tag {
            GIVEN.. => take(&mut data),
            _ => NAMES[usize::from(tag % 16)].as_bytes().to_vec(),
        };
        let value = take(&mut data);
        lines.push((name, value));
    }
    let is_given = |lines: &[Line], name: &str| lines.iter().any(|(n, _)| n == name.as_bytes());
    for (name, value) in
        [(":path", "/"), (":authority", "a.example"), (":scheme", "https"), (":method", "GET")]
    {
        if !is_given(&lines, name) {
            lines.insert(0, (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        }
    }
    // Pseudo-fields that are given stand in front, or all of this is refused.
    lines.sort_by_key(|(name, _)| !name.starts_with(b":"));
    let bytes: usize = lines.iter().map(|(name, value)| name.len() + value.len() + 9).sum();
    (bytes < 16_000).then_some((lines, data))
}

fn take(data: &mut &[u8]) -> Vec<u8> {
    let Some((&length, rest)) = data.split_first() else { return Vec::new() };
    let (taken, rest) = rest.split_at(usize::from(length).min(rest.len()));
    *data = rest;
    taken.to_vec()
}

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
}

/// Literal fields that go into no table (RFC 7541 §6.2.2).
fn block(lines: &[Line]) -> Vec<u8> {
    let text = |text: &[u8]| {
        let mut out = match text.len() {
            short @ 0..127 => vec![short as u8],
            long => {
                let rest = long - 127;
                match rest {
                    0..128 => vec![127, rest as u8],
                    _ => vec![127, (rest % 128) as u8 | 128, (rest / 128) as u8],
                }
            }
        };
        out.extend_from_slice(text);
        out
    };
    lines.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}
