//! Minting: a leaf certificate in the name of the host a client asked for, after the pattern of
//! the certificate that the origin showed. It verifies nothing about the origin.

use std::collections::BTreeSet;
use std::net::IpAddr;

use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::authority::DAY_S;
use crate::certificate::{
    Certificate, Criticality, common_name_der, extension, oid, positive_serial,
};
use crate::host::{Host, HostError, certificate_name};
use crate::{Authority, SigningKey, der};

/// Past this many names only the requested one is carried: certificates with thousands of names
/// exist, and every handshake would carry them.
const MIRRORED_NAMES_MAX: usize = 100;
/// Common names of 64 bytes and more are left out (RFC 5280 ub-common-name).
const COMMON_NAME_BYTES_END: usize = 64;
/// How long a leaf is valid at most, from the moment of minting.
const VALIDITY_S_MAX: u64 = 90 * DAY_S;

/// Why a leaf was not minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MintError {
    /// The requested host is no name or address.
    #[error("requested host: {0}")]
    Host(#[from] HostError),
    /// The leaf's key is the authority's own: whoever gets the one would have the other.
    #[error("leaf key is the key of the authority")]
    AuthorityKey,
    /// The origin's certificate cannot be read.
    #[error("malformed certificate of the origin")]
    Origin,
    /// The origin's certificate has expired: a leaf is never minted to be invalid. Mint without
    /// the origin to show an error page.
    #[error("certificate of the origin expired at {not_after_unix_s} (Unix seconds)")]
    OriginExpired {
        /// End of its validity, in seconds since the Unix epoch.
        not_after_unix_s: i64,
    },
    /// The authority's own certificate has expired.
    #[error("certificate of the authority expired at {not_after_unix_s} (Unix seconds)")]
    AuthorityExpired {
        /// End of its validity, in seconds since the Unix epoch.
        not_after_unix_s: u64,
    },
    /// The serial number is zero (RFC 5280 §4.1.2.2 wants it positive).
    #[error("serial number is zero")]
    ZeroSerial,
    /// The cryptographic library did not sign.
    #[error("signing failed")]
    Sign,
}

/// For whom to mint.
#[derive(Clone, Copy, Debug)]
pub struct LeafRequest<'a> {
    /// The name or address that the client asked for, in ASCII; IPv6 with or without brackets.
    pub host: &'a str,
    /// The certificate that the origin showed, in DER; none for a page of the gateway's own.
    pub origin: Option<&'a [u8]>,
    /// The time now, in seconds since the Unix epoch.
    pub now_unix_s: u64,
    /// 16 random bytes, never used before; the top bit is cleared.
    pub serial: [u8; 16],
}

/// A minted certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MintedLeaf {
    /// The leaf, the authority's certificate and what leads from it to a root, in DER.
    pub chain: Vec<Vec<u8>>,
    /// The names and addresses it is good for, the requested one first.
    pub names: Vec<String>,
    /// Start of its validity, in seconds since the Unix epoch.
    pub not_before_unix_s: u64,
    /// End of its validity, in seconds since the Unix epoch.
    pub not_after_unix_s: u64,
    /// When two thirds of its life are over and another should be minted, in seconds since the
    /// Unix epoch.
    pub remint_at_unix_s: u64,
}

impl Authority {
    /// Mints a leaf for a host with the public half of `leaf_key`, which is meant to be shared by
    /// all leaves of a process and must not be the authority's.
    ///
    /// * The requested name or address is always in it. The DNS names and addresses of the
    ///   origin's certificate are mirrored, up to 100; with more, none is.
    /// * The common name is the requested host where it is shorter than 64 bytes; otherwise the
    ///   subject is empty and the names are critical (RFC 5280 §4.2.1.6).
    /// * It is valid from a day ago, for clocks that run late, to 90 days ahead, and ends no later
    ///   than the origin's and the authority's own.
    /// * Extended key usage is server authentication, key usage digital signature; the authority
    ///   key identifier is a copy of the authority's, and there is no subject key identifier.
    pub fn mint(
        &self,
        request: &LeafRequest<'_>,
        leaf_key: &SigningKey,
    ) -> Result<MintedLeaf, MintError> {
        if leaf_key.public_key_der() == self.key.public_key_der() {
            return Err(MintError::AuthorityKey);
        }
        let serial = positive_serial(request.serial).ok_or(MintError::ZeroSerial)?;
        let now = request.now_unix_s;
        if self.not_after_unix_s <= now {
            return Err(MintError::AuthorityExpired { not_after_unix_s: self.not_after_unix_s });
        }
        let mut names = vec![Name::of(Host::parse(request.host)?)];
        let mut not_after_unix_s = now.saturating_add(VALIDITY_S_MAX).min(self.not_after_unix_s);
        if let Some(origin_der) = request.origin {
            let Ok((&[], origin)) = parse_x509_certificate(origin_der) else {
                return Err(MintError::Origin);
            };
            let origin_end = origin.validity().not_after.timestamp();
            let origin_end_unix_s = u64::try_from(origin_end).unwrap_or(0);
            if origin_end_unix_s <= now {
                return Err(MintError::OriginExpired { not_after_unix_s: origin_end });
            }
            not_after_unix_s = not_after_unix_s.min(origin_end_unix_s);
            mirror(&origin, &mut names)?;
        }
        let not_before_unix_s = now.saturating_sub(DAY_S);
        let certificate = Certificate {
            serial: &serial,
            issuer_der: &self.subject_der,
            not_before_unix_s,
            not_after_unix_s,
            subject_der: &subject_der(&names),
            public_key_der: leaf_key.public_key_der(),
        };
        let leaf = certificate
            .sign(&self.key, |out| self.leaf_extensions(&names, out))
            .ok_or(MintError::Sign)?;
        let mut chain = Vec::with_capacity(1 + self.chain.len());
        chain.push(leaf);
        chain.extend_from_slice(&self.chain);
        Ok(MintedLeaf {
            chain,
            names: names.into_iter().map(Name::into_text).collect(),
            not_before_unix_s,
            not_after_unix_s,
            remint_at_unix_s: now + (not_after_unix_s - now) / 3 * 2,
        })
    }

    fn leaf_extensions(&self, names: &[Name], out: &mut Vec<u8>) {
        extension(out, oid::AUTHORITY_KEY_IDENTIFIER, Criticality::Plain, |out| {
            der::nest(out, der::SEQUENCE, |out| {
                der::value(out, der::context(0), &self.key_identifier);
            });
        });
        // digitalSignature (0): seven bits are unused.
        extension(out, oid::KEY_USAGE, Criticality::Critical, |out| {
            der::value(out, der::BIT_STRING, &[7, 0b1000_0000]);
        });
        extension(out, oid::EXTENDED_KEY_USAGE, Criticality::Plain, |out| {
            der::nest(out, der::SEQUENCE, |out| der::value(out, der::OID, oid::SERVER_AUTH));
        });
        let criticality = match common_name(names) {
            Some(_) => Criticality::Plain,
            None => Criticality::Critical,
        };
        extension(out, oid::SUBJECT_ALT_NAME, criticality, |out| {
            der::nest(out, der::SEQUENCE, |out| {
                for name in names {
                    match name {
                        Name::Dns(name) => der::value(out, der::context(2), name.as_bytes()),
                        Name::Ip(IpAddr::V4(ip)) => der::value(out, der::context(7), &ip.octets()),
                        Name::Ip(IpAddr::V6(ip)) => der::value(out, der::context(7), &ip.octets()),
                    }
                }
            });
        });
    }
}

/// A name in a certificate. Unlike a host it may be a wildcard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Dns(String),
    Ip(IpAddr),
}

impl Name {
    fn of(host: Host) -> Self {
        match host {
            Host::Name(name) => Self::Dns(name),
            Host::Ip(ip) => Self::Ip(ip),
        }
    }

    /// Reads a name of the origin's certificate; others than DNS names and addresses, and those
    /// that are malformed, are nothing.
    fn mirrored(name: &GeneralName<'_>) -> Option<Self> {
        match name {
            GeneralName::DNSName(name) => certificate_name(name).ok().map(Self::Dns),
            GeneralName::IPAddress(octets) => {
                let v4 = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
                let v6 = || <[u8; 16]>::try_from(*octets).map(IpAddr::from);
                v4.or_else(|_| v6()).ok().map(Self::Ip)
            }
            _ => None,
        }
    }

    fn into_text(self) -> String {
        match self {
            Self::Dns(name) => name,
            Self::Ip(ip) => ip.to_string(),
        }
    }
}

/// Adds the names of the origin's certificate, unless they are too many.
fn mirror(origin: &X509Certificate<'_>, names: &mut Vec<Name>) -> Result<(), MintError> {
    let Some(extension) = origin.subject_alternative_name().map_err(|_| MintError::Origin)? else {
        return Ok(());
    };
    let of_origin = &extension.value.general_names;
    if of_origin.len() > MIRRORED_NAMES_MAX {
        return Ok(());
    }
    let mut seen: BTreeSet<Name> = names.iter().cloned().collect();
    for name in of_origin.iter().filter_map(Name::mirrored) {
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    Ok(())
}

/// The requested host, where it is short enough for a common name.
fn common_name(names: &[Name]) -> Option<String> {
    names
        .first()
        .map(|name| name.clone().into_text())
        .filter(|name| name.len() < COMMON_NAME_BYTES_END)
}

fn subject_der(names: &[Name]) -> Vec<u8> {
    common_name(names).map_or_else(
        || {
            let mut empty = Vec::new();
            der::value(&mut empty, der::SEQUENCE, &[]);
            empty
        },
        |name| common_name_der(&name),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rcgen::{CertificateParams, KeyPair, SanType};
    use x509_parser::extensions::ParsedExtension;
    use x509_parser::prelude::FromDer;
    use x509_parser::time::ASN1Time;
    use x509_parser::x509::SubjectPublicKeyInfo;

    use super::*;
    use crate::AuthorityRequest;

    const NOW: u64 = 1_750_000_000;
    const SERIAL: [u8; 16] = [0xc5; 16];

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_random_bytes(&[byte; 32]).unwrap()
    }

    fn authority() -> Authority {
        let request = AuthorityRequest {
            common_name: "Test CA",
            now_unix_s: NOW,
            validity_days: 3650,
            serial: [1; 16],
        };
        Authority::create(&request, key(1)).unwrap()
    }

    fn request(host: &str) -> LeafRequest<'_> {
        LeafRequest { host, origin: None, now_unix_s: NOW, serial: SERIAL }
    }

    /// An origin's certificate with these names, valid until `end_unix_s`.
    fn origin(names: Vec<SanType>, end_unix_s: u64) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.not_after = ASN1Time::from_timestamp(end_unix_s as i64).unwrap().to_datetime();
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    fn dns(name: &str) -> SanType {
        SanType::DnsName(name.try_into().unwrap())
    }

    #[track_caller]
    fn check_names(host: &str, of_origin: Vec<SanType>, expected: &[&str]) {
        let origin = origin(of_origin, NOW + 400 * DAY_S);
        let request = LeafRequest { origin: Some(&origin), ..request(host) };
        let leaf = authority().mint(&request, &key(2)).unwrap();
        assert_eq!(leaf.names, expected);
        // What the certificate holds is what the answer says.
        let (_, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
        let extension = certificate.subject_alternative_name().unwrap().unwrap();
        let names = extension.value.general_names.iter();
        let names: Vec<_> = names.map(|name| Name::mirrored(name).unwrap().into_text()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_leaf_says_what_it_should() {
        let authority = authority();
        let leaf = authority.mint(&request("WWW.Example.com."), &key(2)).unwrap();
        let (rest, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
        assert!(rest.is_empty());
        assert_eq!(leaf.chain[1..], [authority.cert_der().to_vec()]);

        let (_, issuer_key) =
            SubjectPublicKeyInfo::from_der(authority.key().public_key_der()).unwrap();
        certificate.verify_signature(Some(&issuer_key)).unwrap();
        assert_eq!(certificate.version.0, 2, "version 3");
        assert_eq!(certificate.raw_serial(), [&[0x45][..], &SERIAL[1..]].concat());
        assert_eq!(certificate.issuer().as_raw(), authority.subject_der);
        assert_eq!(certificate.subject().to_string(), "CN=www.example.com");
        assert_eq!(certificate.public_key().raw, key(2).public_key_der());

        let mut kinds = Vec::new();
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(identifier) => {
                    kinds.push("authority key identifier");
                    let copied = identifier.key_identifier.as_ref().unwrap().0;
                    assert_eq!(copied, authority.key_identifier);
                    assert!(identifier.authority_cert_issuer.is_none());
                    assert!(!extension.critical);
                }
                ParsedExtension::KeyUsage(usage) => {
                    kinds.push("key usage");
                    assert_eq!(usage.flags, 1, "digitalSignature");
                    assert!(extension.critical);
                }
                ParsedExtension::ExtendedKeyUsage(usage) => {
                    kinds.push("extended key usage");
                    assert!(usage.server_auth && !usage.client_auth && usage.other.is_empty());
                    assert!(!extension.critical);
                }
                ParsedExtension::SubjectAlternativeName(_) => {
                    kinds.push("names");
                    assert!(!extension.critical);
                }
                other => panic!("{other:?}"),
            }
        }
        let all = ["authority key identifier", "key usage", "extended key usage", "names"];
        assert_eq!(kinds, all);
    }

    #[test]
    fn names_of_the_origin_are_mirrored() {
        check_names(
            "www.example.com",
            vec![
                dns("example.com"),
                dns("*.Example.com"),
                dns("WWW.example.com"),
                dns("example.com"),
            ],
            &["www.example.com", "example.com", "*.example.com"],
        );
        check_names(
            "192.0.2.7",
            vec![
                SanType::IpAddress("2001:db8::7".parse().unwrap()),
                SanType::IpAddress("192.0.2.7".parse().unwrap()),
                SanType::Rfc822Name("a@example.com".try_into().unwrap()),
                SanType::URI("https://example.com/".try_into().unwrap()),
                dns("bad name"),
                dns("192.0.2.9"),
            ],
            &["192.0.2.7", "2001:db8::7"],
        );
        check_names("[2001:DB8::0:7]", vec![], &["2001:db8::7"]);
        check_names("xn--bcher-kva.example", vec![], &["xn--bcher-kva.example"]);
    }

    #[test]
    fn too_many_names_are_left_out() {
        let many = |count: usize| (0..count).map(|i| dns(&format!("h{i}.example"))).collect();
        let hundred: Vec<String> = (0..100).map(|i| format!("h{i}.example")).collect();
        let hundred: Vec<&str> = hundred.iter().map(String::as_str).collect();
        check_names("h0.example", many(100), &hundred);
        check_names("h0.example", many(101), &["h0.example"]);
    }

    #[test]
    fn an_address_is_an_address() {
        for (host, octets) in
            [("192.0.2.7", &[192, 0, 2, 7][..]), ("::1", &[[0; 15].as_slice(), &[1]].concat())]
        {
            let leaf = authority().mint(&request(host), &key(2)).unwrap();
            let (_, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
            let names = certificate.subject_alternative_name().unwrap().unwrap();
            assert_eq!(names.value.general_names, [GeneralName::IPAddress(octets)]);
        }
    }

    #[test]
    fn long_names_leave_the_subject_empty() {
        for (label_bytes, has_subject) in [(55, true), (56, false)] {
            let host = format!("{}.example", "a".repeat(label_bytes));
            assert_eq!(host.len(), label_bytes + 8);
            let leaf = authority().mint(&request(&host), &key(2)).unwrap();
            let (_, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
            assert_eq!(certificate.subject().iter_common_name().count(), usize::from(has_subject));
            let names = certificate.subject_alternative_name().unwrap().unwrap();
            assert_eq!(names.critical, !has_subject);
        }
    }

    #[track_caller]
    fn check_end(origin_end_unix_s: u64, expected: Result<u64, MintError>) {
        let origin = origin(vec![], origin_end_unix_s);
        let request = LeafRequest { origin: Some(&origin), ..request("a.example") };
        let leaf = authority().mint(&request, &key(2));
        assert_eq!(leaf.as_ref().map(|leaf| leaf.not_after_unix_s), expected.as_ref().copied());
        let Ok(leaf) = leaf else { return };
        assert_eq!(leaf.not_before_unix_s, NOW - DAY_S);
        assert!(leaf.not_after_unix_s - leaf.not_before_unix_s <= 199 * DAY_S);
        assert!((NOW..leaf.not_after_unix_s).contains(&leaf.remint_at_unix_s));
        let (_, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
        let validity = certificate.validity();
        assert_eq!(validity.not_before.timestamp(), leaf.not_before_unix_s as i64);
        assert_eq!(validity.not_after.timestamp(), leaf.not_after_unix_s as i64);
    }

    #[test]
    fn validity_has_three_ends() {
        check_end(NOW + 400 * DAY_S, Ok(NOW + 90 * DAY_S));
        check_end(NOW + 90 * DAY_S - 1, Ok(NOW + 90 * DAY_S - 1));
        check_end(NOW + 1, Ok(NOW + 1));
        check_end(NOW, Err(MintError::OriginExpired { not_after_unix_s: NOW as i64 }));
        check_end(0, Err(MintError::OriginExpired { not_after_unix_s: 0 }));

        let authority = authority();
        let end = authority.not_after_unix_s();
        let at = |now_unix_s| {
            let request = LeafRequest { now_unix_s, ..request("a.example") };
            authority.mint(&request, &key(2)).map(|leaf| leaf.not_after_unix_s)
        };
        assert_eq!(at(end - 5), Ok(end));
        assert_eq!(at(end), Err(MintError::AuthorityExpired { not_after_unix_s: end }));
        assert_eq!(at(u64::MAX), Err(MintError::AuthorityExpired { not_after_unix_s: end }));
        let leaf = authority.mint(&request("a.example"), &key(2)).unwrap();
        assert_eq!(leaf.remint_at_unix_s, NOW + 60 * DAY_S);
    }

    #[test]
    fn bad_requests_are_refused() {
        let check = |request: &LeafRequest<'_>, leaf_key: SigningKey, expected: MintError| {
            assert_eq!(authority().mint(request, &leaf_key).err(), Some(expected));
        };
        check(&request("a.example"), key(1), MintError::AuthorityKey);
        check(&request("a b"), key(2), HostError::Byte { byte: b' ' }.into());
        check(&request("*.example"), key(2), HostError::Byte { byte: b'*' }.into());
        let zero = LeafRequest { serial: [0; 16], ..request("a.example") };
        check(&zero, key(2), MintError::ZeroSerial);
        let sound = origin(vec![dns("a.example")], NOW + 400 * DAY_S);
        for malformed in [&b""[..], b"0\0", &sound[1..], &[&sound[..], b"0"].concat()] {
            let request = LeafRequest { origin: Some(malformed), ..request("a.example") };
            check(&request, key(2), MintError::Origin);
        }
    }

    #[test]
    fn every_serial_gives_another_certificate() {
        let authority = authority();
        let leaves: BTreeSet<Vec<u8>> = (1..=50)
            .map(|byte| {
                let request = LeafRequest { serial: [byte; 16], ..request("a.example") };
                let leaf = authority.mint(&request, &key(2)).unwrap();
                let (_, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
                certificate.raw_serial().to_vec()
            })
            .collect();
        assert_eq!(leaves.len(), 50);
    }

    #[test]
    fn issuer_and_identifier_are_byte_copies() {
        // One attribute twice, as in DC=corp, DC=example, and an identifier of odd length.
        let subject = [common_name_der("corp"), common_name_der("example")];
        let mut subject_der = Vec::new();
        der::nest(&mut subject_der, der::SEQUENCE, |out| {
            subject.iter().for_each(|name| out.extend_from_slice(&name[2..]));
        });
        let ca_key = key(1);
        let ca = Certificate {
            serial: &[1],
            issuer_der: &subject_der,
            not_before_unix_s: 0,
            not_after_unix_s: der::TIME_UNIX_S_MAX,
            subject_der: &subject_der,
            public_key_der: ca_key.public_key_der(),
        };
        let ca_der = ca.sign(&key(1), |out| {
            extension(out, oid::BASIC_CONSTRAINTS, Criticality::Critical, |out| {
                der::nest(out, der::SEQUENCE, |out| der::value(out, der::BOOLEAN, &[0xff]));
            });
            extension(out, oid::SUBJECT_KEY_IDENTIFIER, Criticality::Plain, |out| {
                der::value(out, der::OCTET_STRING, &[1, 2, 3]);
            });
        });
        let ca_der = ca_der.unwrap();
        let pem = crate::pem::encode("CERTIFICATE", &ca_der);
        let authority = Authority::from_pem(&pem, key(1), NOW).unwrap();
        let leaf = authority.mint(&request("a.example"), &key(2)).unwrap();
        let (_, ca) = parse_x509_certificate(&ca_der).unwrap();
        let (_, certificate) = parse_x509_certificate(&leaf.chain[0]).unwrap();
        assert_eq!(certificate.issuer().as_raw(), ca.subject().as_raw());
        assert_eq!(certificate.issuer().to_string(), "CN=corp, CN=example");
        let identifier = certificate.extensions().iter().find_map(|extension| {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(identifier) => {
                    identifier.key_identifier.clone()
                }
                _ => None,
            }
        });
        assert_eq!(identifier.unwrap().0, [1, 2, 3]);
    }
}
