//! Containers of databases, `.cvd` and `.cld`: a header of 512 bytes, and an archive of signature files.
//!
//! | | after the header | vouched for by |
//! |---|---|---|
//! | `.cvd` | tar, packed by gzip | the header's signature over the MD5 of the rest, or a `.sign` file beside it |
//! | `.cld` | tar; what scripts (`.cdiff`) have made of a `.cvd` | the signature over its list of members, `.info`, or a `.sign` file |
//! | `.cud` | as `.cvd` | nobody |
//!
//! What is read and written here is the container alone: its members go to
//! [`DatabaseBuilder`](crate::DatabaseBuilder).

use std::io::Read;
use std::ops::Range;

use flate2::read::GzDecoder;
use md5::{Digest, Md5};
use sha2::Sha256;
use thiserror::Error;

use crate::signed::{SignatureError, Strictness, Trust, Vouched, verify_detached};
use crate::tar::{Entry, archive, entries};
use crate::update::Files;

/// Bytes of the header.
const HEADER_LEN: usize = 512;

/// What a container begins with.
const MAGIC: &str = "ClamAV-VDB";

/// The header of a container: what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// When it was made, as it is written there, such as `26 Nov 2026 11-23 +0000`.
    pub made: String,
    /// The number of its version.
    pub version: u64,
    /// How many signatures it claims to have.
    pub signatures: u64,
    /// The functionality level that it is meant for.
    pub level: u64,
    /// The MD5 of all behind the header, if it is there.
    pub md5: Option<[u8; 16]>,
    /// Who made it.
    pub builder: String,
    /// The signature, in the coding of [`VendorKey`](crate::signed::VendorKey); empty if there is none.
    pub signature: String,
}

/// A container whose content is as its maker packed it.
#[derive(Clone, Debug)]
pub struct Container {
    header: Header,
    vouched: Vouched,
    archive: Vec<u8>,
    entries: Vec<Entry>,
}

/// Why a container is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContainerError {
    /// It does not begin with a header.
    #[error("expected a header of 512 bytes that begins with `ClamAV-VDB:`")]
    Header,
    /// Its content is not what the header gives the MD5 of.
    #[error("the content is not that of the header's MD5")]
    Md5,
    /// It cannot be unpacked.
    #[error("the archive is damaged")]
    Archive,
    /// It unpacks to more than allowed.
    #[error("it unpacks to more than {max} bytes")]
    TooLarge {
        /// [`unpacked_bytes_max`](crate::DatabaseLimits::unpacked_bytes_max).
        max: usize,
    },
    /// The list of its members is not as it should be.
    #[error("the list of members, line {line}, is not `name:size:SHA-256`")]
    List {
        /// Number of the line, from 1.
        line: usize,
    },
    /// A member is not what the list of members says.
    #[error("a member is not what line {line} of the list of members says")]
    Member {
        /// Number of the line, from 1.
        line: usize,
    },
    /// A member that no list vouches for, in a container that nothing else vouches for.
    #[error("it holds a member that the signed list of members does not name")]
    Unlisted,
    /// Nobody vouches for it.
    #[error("not signed by anyone who is trusted: {0}")]
    Signature(SignatureError),
}

/// Why no container can be made of files.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackError {
    /// The list of members is not there.
    #[error("there is no {name}, which a container begins with")]
    NoList {
        /// The name that it would have.
        name: String,
    },
    /// The first line of the list of members is no header.
    #[error("the first line of {name} is no header of a container")]
    Header {
        /// The name of the list.
        name: String,
    },
    /// A file has a name that none in a container has.
    #[error("a file has a name of more than 100 bytes, or one that is no name")]
    Name,
}

impl Header {
    /// Reads the header that `bytes` begin with.
    ///
    /// # Errors
    /// [`ContainerError::Header`].
    pub fn read(bytes: &[u8]) -> Result<Self, ContainerError> {
        let text = bytes.get(..HEADER_LEN).and_then(|head| std::str::from_utf8(head).ok());
        let text = text.ok_or(ContainerError::Header)?;
        Self::parse(text.trim_end_matches([' ', '\0'])).ok_or(ContainerError::Header)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        if fields.next() != Some(MAGIC) {
            return None;
        }
        let made = fields.next()?.to_owned();
        let mut number = || fields.next()?.parse().ok();
        let (version, signatures, level) = (number()?, number()?, number()?);
        let absent = |text: &str| text == "X" || text.is_empty();
        let (md5, signature) = (fields.next()?, fields.next()?);
        let md5 = if absent(md5) {
            None
        } else {
            let number = u128::from_str_radix(md5, 16).ok().filter(|_| md5.len() == 32)?;
            Some(number.to_be_bytes())
        };
        let signature = if absent(signature) { String::new() } else { signature.to_owned() };
        let builder = fields.next()?.to_owned();
        Some(Self { made, version, signatures, level, md5, builder, signature })
    }
}

impl Container {
    /// Opens the container `bytes`; `beside` is the `.sign` file that stands beside it, if one does.
    /// Its archive may take `unpacked_bytes_max` bytes.
    ///
    /// # Errors
    /// What is damaged is refused, and with [`Strictness::Strict`] what nobody vouches for.
    pub fn open(
        bytes: &[u8],
        beside: Option<&[u8]>,
        trust: &Trust,
        unpacked_bytes_max: usize,
    ) -> Result<Self, ContainerError> {
        let header = Header::read(bytes)?;
        let packed = bytes.get(HEADER_LEN..).unwrap_or_default();
        if header.md5.is_some_and(|md5| Md5::digest(packed).as_slice() != md5) {
            return Err(ContainerError::Md5);
        }
        let outside = vouch(&header, bytes, beside, trust);
        if trust.strictness == Strictness::Strict {
            // What is damaged or forged is not even unpacked.
            match outside {
                Ok(_) | Err(SignatureError::Missing) => {}
                Err(reason) => return Err(ContainerError::Signature(reason)),
            }
        }
        let archive = unpack(packed, unpacked_bytes_max)?;
        let entries = entries(&archive).ok_or(ContainerError::Archive)?;
        let mut all = Self { header, vouched: Vouched::Key, archive, entries };
        let inside = all.check_members(trust)?;
        all.vouched = match (outside, inside) {
            (Ok(vouched), _) => vouched,
            (Err(SignatureError::Missing), Ok(())) => Vouched::Key,
            (Err(SignatureError::Missing), Err(reason)) | (Err(reason), _) => {
                if trust.strictness == Strictness::Strict {
                    return Err(ContainerError::Signature(reason));
                }
                Vouched::Nobody(reason)
            }
        };
        Ok(all)
    }

    /// What it says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Who vouches for it.
    #[must_use]
    pub fn vouched(&self) -> &Vouched {
        &self.vouched
    }

    /// Its members by name, in their order, `COPYING` and the list of members among them.
    pub fn members(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|one| (&*one.name, self.bytes(one.bytes.clone())))
    }

    fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.archive.get(range).unwrap_or_default()
    }

    /// Compares all members with the list of members, and says whether that is signed.
    fn check_members(&self, trust: &Trust) -> Result<Result<(), SignatureError>, ContainerError> {
        let list = self.members().find(|(name, _)| name.ends_with(".info"));
        let Some((list_name, list)) = list else { return Ok(Err(SignatureError::Missing)) };
        let mut listed = vec![list_name, "COPYING"];
        let mut signed = Err(SignatureError::Missing);
        let mut at = 0;
        for (line, number) in list.split_inclusive(|byte| *byte == b'\n').zip(1..) {
            let wrong = ContainerError::List { line: number };
            let text = std::str::from_utf8(line).map_err(|_| wrong)?.trim_end();
            if let Some(signature) = text.strip_prefix("DSIG:") {
                let digest = Sha256::digest(list.get(..at).unwrap_or_default()).into();
                signed = trust.members.verify_sha256(&digest, signature.as_bytes());
                break;
            }
            at += line.len();
            if text.starts_with(MAGIC) || text.is_empty() {
                continue;
            }
            let mut fields = text.split(':');
            let (Some(name), Some(size), Some(digest), None) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                return Err(wrong);
            };
            let size: usize = size.parse().map_err(|_| wrong)?;
            let member = self.members().find(|one| one.0 == name);
            let is_same = member.is_some_and(|(_, bytes)| {
                bytes.len() == size && is_digest(digest, Sha256::digest(bytes).as_slice())
            });
            if !is_same {
                return Err(ContainerError::Member { line: number });
            }
            listed.push(name);
        }
        let is_listed = self.members().all(|(name, _)| listed.contains(&name));
        if signed.is_ok() && !is_listed {
            return Err(ContainerError::Unlisted);
        }
        Ok(signed)
    }
}

/// The container `name.cld` of `files`, as ClamAV's updater makes it when scripts have been carried out:
/// with the first line of the list of members, `name.info`, for a header, and nothing packed. Nobody
/// vouches for it but who has signed that list.
///
/// # Errors
/// Without a list that begins with a header, and for names that no file of a container has.
pub fn pack(name: &str, files: &Files) -> Result<Vec<u8>, PackError> {
    let (list_name, settings) = (format!("{name}.info"), format!("{name}.cfg"));
    let list = files.get(&list_name);
    let list = list.ok_or_else(|| PackError::NoList { name: list_name.clone() })?;
    let line = list.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let mut container = line.to_vec();
    container.resize(HEADER_LEN, b' ');
    if line.len() > HEADER_LEN || Header::read(&container).is_err() {
        return Err(PackError::Header { name: list_name });
    }
    // What tells how to read the others comes before them.
    let first = ["COPYING", &list_name, &settings];
    let head = first.into_iter().filter_map(|name| files.get_key_value(name));
    let rest = files.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let members: Vec<_> = head.chain(rest).map(|(name, file)| (&**name, &**file)).collect();
    container.extend(archive(&members).ok_or(PackError::Name)?);
    Ok(container)
}

/// Whether `text` is how `digest` is written.
fn is_digest(text: &str, digest: &[u8]) -> bool {
    let written: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.eq_ignore_ascii_case(&written)
}

/// Who vouches for all of it: by what stands beside it, or by what is in its header.
fn vouch(
    header: &Header,
    bytes: &[u8],
    beside: Option<&[u8]>,
    trust: &Trust,
) -> Result<Vouched, SignatureError> {
    let beside = beside.map(|file| verify_detached(file, bytes, trust));
    match beside {
        Some(Ok(vouched)) => return Ok(vouched),
        // Nobody to ask; or one who is not known, where the old signature may be known.
        None | Some(Err(SignatureError::Missing | SignatureError::Untrusted)) => {}
        Some(Err(reason)) => return Err(reason),
    }
    match header.md5 {
        Some(md5) if !header.signature.is_empty() => {
            trust.containers.verify_md5(&md5, header.signature.as_bytes()).map(|()| Vouched::Key)
        }
        _ => Err(SignatureError::Missing),
    }
}

/// The archive that `packed` holds, packed or as it is.
fn unpack(packed: &[u8], unpacked_bytes_max: usize) -> Result<Vec<u8>, ContainerError> {
    let too_large = ContainerError::TooLarge { max: unpacked_bytes_max };
    if !packed.starts_with(&[0x1F, 0x8B]) {
        let fits = packed.len() <= unpacked_bytes_max;
        return fits.then(|| packed.to_vec()).ok_or(too_large);
    }
    let mut archive = Vec::new();
    let limit = u64::try_from(unpacked_bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let read = GzDecoder::new(packed).take(limit).read_to_end(&mut archive);
    read.map_err(|_| ContainerError::Archive)?;
    if archive.len() > unpacked_bytes_max { Err(too_large) } else { Ok(archive) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A container of `members` that nobody vouches for, not packed.
    pub(crate) fn bytes(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = format!("{:512}", "ClamAV-VDB:now:7:0:90:X:X:tester:0").into_bytes();
        bytes.extend(archive(members).unwrap());
        bytes
    }

    /// The same, opened.
    pub(crate) fn container(members: &[(&str, &[u8])]) -> Container {
        let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
        Container::open(&bytes(members), None, &lax, 1 << 20).unwrap()
    }
}
