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

use crate::signed::{Content, SignatureError, Strictness, Trust, Vouched, verify_detached};
use crate::tar::{Entry, archive, entries};
use crate::update::Files;

mod sealed;

pub(crate) use sealed::{Members, Unsealing};
pub use sealed::{Sealed, Sealing};

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
    /// What was read for a second time is not what was read before.
    #[error("it has changed while it was read")]
    Changed,
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
        let outside = vouch(&header, &Content::Bytes(bytes), beside, trust);
        refuse_forged(outside.as_ref().err(), trust)?;
        let archive = unpack(packed, unpacked_bytes_max)?;
        let entries = entries(&archive).ok_or(ContainerError::Archive)?;
        let mut all = Self { header, vouched: Vouched::Key, archive, entries };
        let list = all.members().find(|(name, _)| is_list(name));
        let member = |(name, bytes): (&str, &[u8])| Passed::new(name, bytes);
        let members: Vec<_> = list.into_iter().flat_map(|_| all.members()).map(member).collect();
        let inside = check_members(list, &members, trust)?;
        all.vouched = vouched(outside, inside, trust)?;
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
}

/// A member that has passed.
#[derive(Clone, Debug)]
struct Passed {
    name: String,
    len: usize,
    sha256: [u8; 32],
}

impl Passed {
    fn new(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), len: bytes.len(), sha256: Sha256::digest(bytes).into() }
    }
}

/// Whether a member is a list of all members, by its name.
fn is_list(name: &str) -> bool {
    name.ends_with(".info")
}

/// With [`Strictness::Strict`], refuses what is forged before it is even unpacked.
fn refuse_forged(outside: Option<&SignatureError>, trust: &Trust) -> Result<(), ContainerError> {
    match (outside, trust.strictness) {
        (None | Some(SignatureError::Missing), _) | (_, Strictness::Lax) => Ok(()),
        (Some(reason), Strictness::Strict) => Err(ContainerError::Signature(*reason)),
    }
}

/// Who vouches for a container: by what stands beside it or in its header, or by its list of members.
fn vouched(
    outside: Result<Vouched, SignatureError>,
    inside: Result<(), SignatureError>,
    trust: &Trust,
) -> Result<Vouched, ContainerError> {
    match (outside, inside, trust.strictness) {
        (Ok(vouched), _, _) => Ok(vouched),
        (Err(SignatureError::Missing), Ok(()), _) => Ok(Vouched::Key),
        (Err(SignatureError::Missing), Err(reason), Strictness::Strict)
        | (Err(reason), _, Strictness::Strict) => Err(ContainerError::Signature(reason)),
        (Err(SignatureError::Missing), Err(reason), Strictness::Lax)
        | (Err(reason), _, Strictness::Lax) => Ok(Vouched::Nobody(reason)),
    }
}

/// Compares all members with the list of members, and says whether that is signed.
fn check_members(
    list: Option<(&str, &[u8])>,
    members: &[Passed],
    trust: &Trust,
) -> Result<Result<(), SignatureError>, ContainerError> {
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
        let member = members.iter().find(|one| one.name == name);
        let is_same = member.is_some_and(|one| one.len == size && is_digest(digest, &one.sha256));
        if !is_same {
            return Err(ContainerError::Member { line: number });
        }
        listed.push(name);
    }
    let is_listed = members.iter().all(|one| listed.contains(&&*one.name));
    if signed.is_ok() && !is_listed {
        return Err(ContainerError::Unlisted);
    }
    Ok(signed)
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
    content: &Content<'_>,
    beside: Option<&[u8]>,
    trust: &Trust,
) -> Result<Vouched, SignatureError> {
    let beside = beside.map(|file| verify_detached(file, content, trust));
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
    use crate::{DatabaseBuilder, DatabaseLimits, LoadError, Report};

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

    fn packed(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let (head, archive) = bytes.split_at(HEADER_LEN);
        let mut packed = flate2::write::GzEncoder::new(head.to_vec(), flate2::Compression::fast());
        packed.write_all(archive).unwrap();
        packed.finish().unwrap()
    }

    /// What a container comes to, in pieces of so many bytes or as a whole.
    fn taken(bytes: &[u8], size: Option<usize>, max: usize) -> Result<Report, LoadError> {
        let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
        let refused = |reason| LoadError::Container { file: "t.cvd".to_owned(), reason };
        let limits = DatabaseLimits { unpacked_bytes_max: max, ..DatabaseLimits::default() };
        let mut builder = DatabaseBuilder::new(limits);
        let Some(size) = size else {
            let container = Container::open(bytes, None, &lax, max).map_err(refused)?;
            return builder.add_container("t.cvd", &container);
        };
        let mut sealing = Sealing::new(None);
        bytes.chunks(size).for_each(|piece| sealing.push(piece));
        let sealed = sealing.finish(&lax).map_err(refused)?;
        let mut loading = builder.begin_container("t.cvd", sealed);
        bytes.chunks(size).try_for_each(|piece| loading.push(piece))?;
        loading.finish(&lax).map(|(report, _)| report)
    }

    #[test]
    fn in_pieces_a_container_holds_the_same() {
        let sum: [u8; 32] = Sha256::digest(b"a:0:*:6162\n").into();
        let sum = sum.map(|byte| format!("{byte:02x}")).concat();
        let list = format!("ClamAV-VDB:now:7:0:90:X:X:tester:0\nt.ndb:11:{sum}\n");
        let members: &[(&str, &[u8])] = &[
            ("COPYING", b"text"),
            ("t.ndb", b"a:0:*:6162\n"),
            ("t.info", list.as_bytes()),
            ("t.hdb", b"44d88612fea8a8f36de82e1278abb02f:68:a"),
        ];
        let plain = bytes(members);
        for all in [plain.clone(), packed(&plain), [&*packed(&plain), b"more"].concat()] {
            let whole = taken(&all, None, 1 << 20);
            assert_eq!(whole.as_ref().map(|report| report.loaded), Ok(2));
            for size in [1, 2, 3, 511, 512, 513, 9_999] {
                assert_eq!(taken(&all, Some(size), 1 << 20), whole, "{size}");
            }
            for end in (0..all.len()).step_by(5).chain(all.len() - 20..all.len()) {
                let whole = taken(&all[..end], None, 1 << 20);
                assert_eq!(taken(&all[..end], Some(64), 1 << 20), whole, "up to {end}");
            }
            let mut other = all.clone();
            for at in (0..all.len()).step_by(3) {
                other[at] ^= 1;
                let (whole, pieces) =
                    (taken(&other, None, 1 << 20), taken(&other, Some(64), 1 << 20));
                assert_eq!(pieces, whole, "byte {at}");
                other[at] ^= 1;
            }
            let refused = taken(&all, Some(64), 2000).unwrap_err();
            assert_eq!(refused, taken(&all, None, 2000).unwrap_err());
        }
        let unknown = bytes(&[("t.exe", b"x"), ("t.ndb", b"a:0:*:6162\nb")]);
        for size in [None, Some(64)] {
            assert!(matches!(taken(&unknown, size, 9_999), Err(LoadError::Extension { .. })));
        }
    }

    #[test]
    fn what_has_changed_between_is_refused() {
        let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
        let first = bytes(&[("t.ndb", b"a:0:*:6162\n")]);
        let mut sealing = Sealing::new(None);
        sealing.push(&first);
        let mut builder = DatabaseBuilder::default();
        let mut loading = builder.begin_container("t.cvd", sealing.finish(&lax).unwrap());
        loading.push(&bytes(&[("t.ndb", b"b:0:*:6162\n")])).unwrap();
        let reason = ContainerError::Changed;
        let changed = LoadError::Container { file: "t.cvd".to_owned(), reason };
        assert_eq!(loading.finish(&lax).unwrap_err(), changed);
        assert_eq!(builder.build().signatures(), 1);
    }
}
