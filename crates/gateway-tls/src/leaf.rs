//! Minting: a leaf certificate in the name of the host a client asked for, after the pattern of
//! the certificate that the origin showed. It verifies nothing about the origin.

use std::collections::BTreeSet;
use std::net::IpAddr;

use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::authority::{
    Certificate, Criticality, DAY_S, common_name_der, extension, oid, positive,
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
        let serial = positive(request.serial).ok_or(MintError::ZeroSerial)?;
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
