//! The ClientHello message (RFC 8446 §4.1.2): what it says about the connection to come.
//! Strict about lengths and duplicates, because what reads it later must read the same.

use std::fmt;

use bytes::Bytes;
use nom::bytes::complete::take;
use nom::combinator::{all_consuming, map, verify};
use nom::multi::{length_data, length_value, many0, many1};
use nom::number::complete::{be_u8, be_u16};
use nom::{IResult, Parser};

use crate::host::Host;
use crate::ja4::{self, Carrier};
use crate::peek::HelloError;

const EXTENSION_SERVER_NAME: u16 = 0;
const EXTENSION_SIGNATURE_ALGORITHMS: u16 = 13;
const EXTENSION_ALPN: u16 = 16;
const EXTENSION_SUPPORTED_VERSIONS: u16 = 43;
const EXTENSION_ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
const NAME_TYPE_HOST_NAME: u8 = 0;

/// A part of the ClientHello, for errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HelloPart {
    /// The list of protocol names (RFC 7301).
    Alpn,
    /// The cipher suites.
    CipherSuites,
    /// The compression methods.
    CompressionMethods,
    /// The list of extensions, or what follows it.
    Extensions,
    /// The random value, or what comes before it.
    Random,
    /// The server name (RFC 6066 §3).
    ServerName,
    /// The legacy session identifier.
    SessionId,
    /// The signature algorithms (RFC 8446 §4.2.3).
    SignatureAlgorithms,
    /// The supported versions (RFC 8446 §4.2.1).
    SupportedVersions,
}

impl fmt::Display for HelloPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alpn => "ALPN extension",
            Self::CipherSuites => "list of cipher suites",
            Self::CompressionMethods => "list of compression methods",
            Self::Extensions => "list of extensions",
            Self::Random => "version or random value",
            Self::ServerName => "server name extension",
            Self::SessionId => "session identifier",
            Self::SignatureAlgorithms => "signature algorithms extension",
            Self::SupportedVersions => "supported versions extension",
        })
    }
}

/// What a client says when it opens TLS.
///
/// Values that exist only to keep servers tolerant (GREASE, RFC 8701) stay in the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientHello {
    /// The server name: lower-case, without trailing dot. An IP literal, which RFC 6066 forbids
    /// but some clients send, stands here in its canonical form.
    pub sni: Option<String>,
    /// The application protocols that the client speaks, in its order of preference.
    pub alpn: Vec<Bytes>,
    /// The TLS versions that the client speaks, such as `0x0304`; without the extension, the one
    /// of the legacy field.
    pub supported_versions: Vec<u16>,
    /// The signature algorithms that the client takes, such as `0x0403` for ECDSA on P-256; empty
    /// if it does not say.
    pub signature_algorithms: Vec<u16>,
    /// The cipher suites, in the client's order.
    pub cipher_suites: Vec<u16>,
    /// The types of the extensions, in the order they stand in.
    pub extensions: Vec<u16>,
    /// Whether there is an Encrypted ClientHello, in which case the server name may be that of a
    /// front. Browsers send a random one where they know no key, so this alone proves nothing.
    pub ech_present: bool,
    /// The JA4 fingerprint, as `t13d1516h2_8daaf6152771_e5627efa2ab1`.
    pub ja4: String,
    /// Length of the message, its four-byte header included.
    pub hello_bytes: usize,
}

impl ClientHello {
    /// Reads the body of the message: what follows its four-byte header.
    pub(crate) fn parse(body: &Bytes, carrier: Carrier) -> Result<Self, HelloError> {
        let (input, (legacy_version, _random)) =
            part(HelloPart::Random, (be_u16, take(32_usize)), body)?;
        let session_id = verify(length_data(be_u8), |id: &[u8]| id.len() <= 32);
        let (input, _) = part(HelloPart::SessionId, session_id, input)?;
        let (input, cipher_suites) =
            part(HelloPart::CipherSuites, length_value(be_u16, list_of_u16), input)?;
        let compression = verify(length_data(be_u8), |methods: &[u8]| !methods.is_empty());
        let (input, _) = part(HelloPart::CompressionMethods, compression, input)?;

        let mut hello = Self {
            sni: None,
            alpn: Vec::new(),
            supported_versions: vec![legacy_version],
            signature_algorithms: Vec::new(),
            cipher_suites,
            extensions: Vec::new(),
            ech_present: false,
            ja4: String::new(),
            hello_bytes: body.len() + 4,
        };
        // Before TLS 1.3 the list may be missing altogether (RFC 5246 §7.4.1.2).
        if !input.is_empty() {
            let extension = (be_u16, length_data(be_u16));
            let list = all_consuming(length_value(be_u16, all_consuming(many0(extension))));
            let (_, extensions) = part(HelloPart::Extensions, list, input)?;
            hello.read_extensions(&extensions, body)?;
        }
        hello.ja4 = ja4::fingerprint(&hello, carrier);
        Ok(hello)
    }

    fn read_extensions(
        &mut self,
        extensions: &[(u16, &[u8])],
        body: &Bytes,
    ) -> Result<(), HelloError> {
        self.extensions = extensions.iter().map(|(kind, _)| *kind).collect();
        if let Some(extension) = first_duplicate(&self.extensions) {
            return Err(HelloError::DuplicateExtension { extension });
        }
        for &(kind, data) in extensions {
            match kind {
                EXTENSION_SERVER_NAME => {
                    let (_, name) = part(HelloPart::ServerName, all_consuming(server_name), data)?;
                    self.sni = Some(host(name)?.to_string());
                }
                EXTENSION_ALPN => {
                    let (_, names) = part(HelloPart::Alpn, all_consuming(protocol_names), data)?;
                    self.alpn = names.into_iter().map(|name| body.slice_ref(name)).collect();
                }
                EXTENSION_SUPPORTED_VERSIONS => {
                    let list = all_consuming(length_value(be_u8, list_of_u16));
                    (_, self.supported_versions) = part(HelloPart::SupportedVersions, list, data)?;
                }
                EXTENSION_SIGNATURE_ALGORITHMS => {
                    let list = all_consuming(length_value(be_u16, list_of_u16));
                    (_, self.signature_algorithms) =
                        part(HelloPart::SignatureAlgorithms, list, data)?;
                }
                EXTENSION_ENCRYPTED_CLIENT_HELLO => self.ech_present = true,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Runs a parser and says in which part it failed.
fn part<'a, O>(
    part: HelloPart,
    mut parser: impl Parser<&'a [u8], Output = O, Error = nom::error::Error<&'a [u8]>>,
    input: &'a [u8],
) -> Result<(&'a [u8], O), HelloError> {
    parser.parse(input).map_err(|_| HelloError::Syntax { part })
}

/// All of the input as numbers, at least one.
fn list_of_u16(input: &[u8]) -> IResult<&[u8], Vec<u16>> {
    all_consuming(many1(be_u16)).parse(input)
}

/// The one entry of a server name list: RFC 6066 knows host names only, and allows one.
fn server_name(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let entry = (verify(be_u8, |kind| *kind == NAME_TYPE_HOST_NAME), length_data(be_u16));
    let list = all_consuming(map(entry, |(_, name): (u8, &[u8])| name));
    length_value(be_u16, list).parse(input)
}

/// A list of protocol names, none empty.
fn protocol_names(input: &[u8]) -> IResult<&[u8], Vec<&[u8]>> {
    let name = verify(length_data(be_u8), |name: &[u8]| !name.is_empty());
    length_value(be_u16, all_consuming(many1(name))).parse(input)
}

fn host(name: &[u8]) -> Result<Host, HelloError> {
    match std::str::from_utf8(name) {
        Ok(name) => Ok(Host::parse(name)?),
        Err(_) => Err(HelloError::Syntax { part: HelloPart::ServerName }),
    }
}

fn first_duplicate(kinds: &[u16]) -> Option<u16> {
    let mut sorted = kinds.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostError;
    use crate::sample::{Sample, list_u16, protocols, server_name};

    fn parse(sample: &Sample) -> Result<ClientHello, HelloError> {
        ClientHello::parse(&Bytes::from(sample.message()).slice(4..), Carrier::Tcp)
    }

    #[track_caller]
    fn check_sni(contents: Vec<u8>, expected: Result<&str, HelloError>) {
        let sni = parse(&Sample::browser("a.example").with(0, contents)).map(|hello| hello.sni);
        assert_eq!(sni, expected.map(|name| Some(name.to_owned())));
    }

    #[track_caller]
    fn check_malformed(sample: &Sample, part: HelloPart) {
        assert_eq!(parse(sample), Err(HelloError::Syntax { part }));
    }

    #[test]
    fn a_browser_is_read_whole() {
        let sample = Sample::browser("WWW.Example.com");
        let hello = parse(&sample).unwrap();
        assert_eq!(hello.sni.as_deref(), Some("www.example.com"));
        assert_eq!(hello.alpn, ["h2", "http/1.1"]);
        assert_eq!(hello.supported_versions, [0x4a4a, 0x0304, 0x0303]);
        assert_eq!(hello.signature_algorithms.first(), Some(&0x0403));
        assert_eq!(hello.cipher_suites, sample.cipher_suites);
        assert_eq!(hello.extensions.len(), sample.extensions.len());
        assert!(!hello.ech_present);
        assert!(parse(&sample.clone().with(0xfe0d, vec![0])).unwrap().ech_present);
        assert_eq!(hello.hello_bytes, sample.message().len());
    }

    #[test]
    fn what_is_not_said_stays_empty() {
        let sample = Sample { extensions: vec![], ..Sample::browser("a.example") };
        let mut message = sample.message();
        for empty_list in [true, false] {
            if !empty_list {
                message.truncate(message.len() - 2);
            }
            let hello =
                ClientHello::parse(&Bytes::from(message.clone()).slice(4..), Carrier::Tcp).unwrap();
            assert_eq!(hello.sni, None);
            assert_eq!(hello.alpn, [""; 0]);
            assert_eq!(hello.supported_versions, [0x0303]);
            assert_eq!(hello.signature_algorithms, [0; 0]);
        }
    }

    #[test]
    fn server_names_are_hosts() {
        let syntax = HelloError::Syntax { part: HelloPart::ServerName };
        check_sni(server_name(b"A.Example."), Ok("a.example"));
        check_sni(server_name(b"192.0.2.1"), Ok("192.0.2.1"));
        check_sni(server_name(b""), Err(HostError::Empty.into()));
        check_sni(server_name(b"a.example\0.evil"), Err(HostError::Byte { byte: 0 }.into()));
        check_sni(server_name(b"caf\xe9.example"), Err(syntax));
        // Another kind of name, two names, no name, stray bytes, nothing.
        check_sni(vec![0, 4, 1, 0, 1, b'a'], Err(syntax));
        check_sni(vec![0, 8, 0, 0, 1, b'a', 0, 0, 1, b'b'], Err(syntax));
        check_sni(vec![0, 0], Err(syntax));
        check_sni(vec![0, 4, 0, 0, 1, b'a', 0], Err(syntax));
        check_sni(vec![], Err(syntax));
    }

    #[test]
    fn lists_are_exact() {
        let browser = || Sample::browser("a.example");
        for contents in
            [vec![], vec![0, 0], vec![0, 1, 0], vec![0, 3, 2, b'h'], vec![0, 1, 1, b'h']]
        {
            check_malformed(&browser().with(16, contents), HelloPart::Alpn);
        }
        for contents in [vec![], vec![0], vec![1, 3], vec![3, 3, 4, 3], vec![2, 3, 4, 0]] {
            check_malformed(&browser().with(43, contents), HelloPart::SupportedVersions);
        }
        for contents in [vec![], vec![0, 0], vec![0, 1, 4], vec![0, 2, 4, 3, 0]] {
            check_malformed(&browser().with(13, contents), HelloPart::SignatureAlgorithms);
        }
        let none = Sample { cipher_suites: vec![], ..browser() };
        check_malformed(&none, HelloPart::CipherSuites);
    }

    #[test]
    fn an_extension_stands_once() {
        let mut sample = Sample::browser("a.example");
        sample.extensions.push((0, server_name(b"b.example")));
        assert_eq!(parse(&sample), Err(HelloError::DuplicateExtension { extension: 0 }));
        let mut sample = Sample::browser("a.example");
        sample.extensions.push((0x1a1a, vec![]));
        assert_eq!(parse(&sample), Err(HelloError::DuplicateExtension { extension: 0x1a1a }));
    }

    #[test]
    fn no_prefix_and_no_surplus_is_a_hello() {
        let body = Bytes::from(Sample::browser("a.example").message()).slice(4..);
        // A hello may end before its list of extensions.
        let bare = Sample { extensions: vec![], ..Sample::browser("") }.message().len() - 4 - 2;
        for end in 0..body.len() {
            assert_eq!(
                ClientHello::parse(&body.slice(..end), Carrier::Tcp).is_ok(),
                end == bare,
                "{end}"
            );
        }
        let surplus = Bytes::from([&body[..], &[0]].concat());
        let error = HelloError::Syntax { part: HelloPart::Extensions };
        assert_eq!(ClientHello::parse(&surplus, Carrier::Tcp), Err(error));
    }

    #[test]
    fn fingerprints_are_those_of_the_specification() {
        let browser = Sample::browser("a.example");
        let check = |sample: &Sample, expected: &str| {
            assert_eq!(parse(sample).unwrap().ja4, expected);
        };
        check(&browser, "t13d1516h2_8daaf6152771_e5627efa2ab1");
        check(&browser.clone().without(0), "t13i1515h2_8daaf6152771_e5627efa2ab1");
        check(&browser.clone().without(16), "t13d151500_8daaf6152771_e5627efa2ab1");
        check(&browser.clone().without(43), "t12d1515h2_8daaf6152771_8d4582d59f63");
        let odd = browser.clone().with(16, protocols(&[b"\xab\xcd", b"h2"]));
        check(&odd, "t13d1516ad_8daaf6152771_e5627efa2ab1");
        let bare = Sample {
            legacy_version: 0x0301,
            cipher_suites: vec![0x0a0a],
            extensions: vec![(0, server_name(b"a.example"))],
        };
        check(&bare, "t10d000100_000000000000_000000000000");
        let many = Sample { cipher_suites: (0..200).collect(), ..browser };
        let ja4 = parse(&many.with(13, list_u16(&[0x0a0a]))).unwrap().ja4;
        assert_eq!(ja4.get(..10), Some("t13d9916h2"));
        assert!(ja4.ends_with("_6d807ffa2a79"), "{ja4}");
    }
}
