//! ClientHellos to test with, put together from their parts.

use proptest::prelude::*;

/// A ClientHello as a list of what stands in it; extensions as type and contents.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) legacy_version: u16,
    pub(crate) cipher_suites: Vec<u16>,
    pub(crate) extensions: Vec<(u16, Vec<u8>)>,
}

impl Sample {
    /// What a current browser sends, GREASE included; the lists are those of the example in the
    /// JA4 specification.
    pub(crate) fn browser(host: &str) -> Self {
        let extensions = vec![
            (0x1a1a, vec![]),
            (0x001b, vec![2, 0, 2]),
            (0x0000, server_name(host.as_bytes())),
            (0x0033, vec![0, 0]),
            (0x0010, protocols(&[b"h2", b"http/1.1"])),
            (0x4469, vec![]),
            (0x0017, vec![]),
            (0x002d, vec![1, 1]),
            (0x000d, list_u16(&[0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601])),
            (0x0005, vec![1, 0, 0, 0, 0]),
            (0x0023, vec![]),
            (0x0012, vec![]),
            (0x002b, vec![6, 0x4a, 0x4a, 3, 4, 3, 3]),
            (0xff01, vec![0]),
            (0x000b, vec![1, 0]),
            (0x000a, list_u16(&[0x8a8a, 29, 23, 24])),
            (0x0015, vec![0; 180]),
            (0x7a7a, vec![0]),
        ];
        let cipher_suites = vec![
            0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
            0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
        ];
        Self { legacy_version: 0x0303, cipher_suites, extensions }
    }

    /// The contents of one extension, in place of what stood there.
    pub(crate) fn with(mut self, kind: u16, contents: Vec<u8>) -> Self {
        match self.extensions.iter_mut().find(|(there, _)| *there == kind) {
            Some((_, there)) => *there = contents,
            None => self.extensions.push((kind, contents)),
        }
        self
    }

    pub(crate) fn without(mut self, kind: u16) -> Self {
        self.extensions.retain(|(there, _)| *there != kind);
        self
    }

    /// The handshake message.
    pub(crate) fn message(&self) -> Vec<u8> {
        let mut body = self.legacy_version.to_be_bytes().to_vec();
        body.extend([0x5a; 32]);
        body.extend([32; 33]);
        body.extend(list_u16(&self.cipher_suites));
        body.extend([1, 0]);
        let mut extensions = Vec::new();
        for (kind, contents) in &self.extensions {
            extensions.extend(kind.to_be_bytes());
            extensions.extend(counted(contents));
        }
        body.extend(counted(&extensions));
        message(1, &body)
    }
}

/// Bytes from their hexadecimal digits.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A handshake message around a body.
pub(crate) fn message(handshake_type: u8, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (body.len() as u32).to_be_bytes();
    [&[handshake_type][..], &length, body].concat()
}

/// A message in records of the given payload lengths, the last one repeated to the end.
pub(crate) fn records(message: &[u8], lengths: &[usize]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), message);
    let mut lengths = lengths.iter().copied();
    let mut length = 1 << 14;
    while !rest.is_empty() {
        length = lengths.next().unwrap_or(length);
        let (payload, tail) = rest.split_at(length.min(rest.len()));
        out.extend([22, 3, 1]);
        out.extend(counted(payload));
        rest = tail;
    }
    out
}

pub(crate) fn server_name(host: &[u8]) -> Vec<u8> {
    counted(&[&[0][..], &counted(host)].concat())
}

pub(crate) fn protocols(names: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> =
        names.iter().flat_map(|name| [&[name.len() as u8][..], name].concat()).collect();
    counted(&list)
}

pub(crate) fn list_u16(values: &[u16]) -> Vec<u8> {
    let list: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
    counted(&list)
}

/// Bytes behind their length in two bytes.
fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// ClientHellos of all kinds, most of them sound.
pub(crate) fn any_sample() -> impl Strategy<Value = Sample> {
    let extension = (any::<u16>(), proptest::collection::vec(any::<u8>(), 0..40));
    let extensions = proptest::collection::vec(extension, 0..20);
    let host = prop_oneof![Just("a.example"), Just("1.2.3.4"), Just("not a host"), Just("")];
    (extensions, host, any::<u16>(), proptest::collection::vec(any::<u16>(), 1..30)).prop_map(
        |(extensions, host, legacy_version, cipher_suites)| {
            let base = Sample { legacy_version, cipher_suites, ..Sample::browser(host) };
            extensions.into_iter().fold(base, |sample, (kind, contents)| {
                // Mostly unknown kinds: contents made up for known ones are mostly malformed.
                sample.with(kind | 0x0100, contents)
            })
        },
    )
}
