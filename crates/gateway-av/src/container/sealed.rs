//! Containers that come piece by piece, twice: first to see who vouches for all of it, then to take in
//! what it holds. So a large one is never in memory as a whole, and nothing is unpacked that is forged.

use std::io::{self, Write};

use flate2::write::GzDecoder;
use md5::{Digest, Md5};
use sha2::Sha256;

use super::{
    ContainerError, HEADER_LEN, Header, Passed, check_members, is_list, refuse_forged, vouch,
    vouched,
};
use crate::signed::{Content, Hashing, SignatureError, Trust, Vouched};
use crate::tar::{Event, Reading};

/// A container that comes for the first time.
#[derive(Debug)]
pub struct Sealing {
    beside: Option<Vec<u8>>,
    head: Vec<u8>,
    /// That of all behind the header.
    md5: Md5,
    all: Hashing,
}

/// What is known of a container that has come for the first time: that it is whole, as far as its header
/// tells, and who vouches for all of it.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub(crate) header: Header,
    outside: Result<Vouched, SignatureError>,
    /// The SHA-256 of all of it.
    all: [u8; 32],
}

impl Sealing {
    /// Nothing has come yet; `beside` is the `.sign` file that stands beside it, if one does.
    #[must_use]
    pub fn new(beside: Option<Vec<u8>>) -> Self {
        let all = if beside.is_some() { Hashing::of_signed() } else { Hashing::default() };
        Self { beside, head: Vec::new(), md5: Md5::new(), all }
    }

    /// The next bytes of it.
    pub fn push(&mut self, bytes: &[u8]) {
        self.all.update(bytes);
        let (head, rest) = bytes.split_at(left_of_head(&self.head).min(bytes.len()));
        self.head.extend_from_slice(head);
        self.md5.update(rest);
    }

    /// All of it has come.
    ///
    /// # Errors
    /// What is damaged is refused, and with [`Strictness::Strict`](crate::signed::Strictness) what is
    /// forged.
    pub fn finish(self, trust: &Trust) -> Result<Sealed, ContainerError> {
        let header = Header::read(&self.head)?;
        let md5 = self.md5.finalize();
        if header.md5.is_some_and(|claimed| *md5 != claimed) {
            return Err(ContainerError::Md5);
        }
        let all = self.all.finish();
        let outside = vouch(&header, &Content::Passed(&all), self.beside.as_deref(), trust);
        refuse_forged(outside.as_ref().err(), trust)?;
        Ok(Sealed { header, outside, all: all.sha256 })
    }
}

impl Sealed {
    /// What the container says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }
}

fn left_of_head(head: &[u8]) -> usize {
    HEADER_LEN.saturating_sub(head.len())
}

/// What members of a container are shown to.
pub(crate) trait Members {
    fn show(&mut self, event: &Event<'_>);
}

/// A container that comes for the second time, and is unpacked.
#[derive(Debug)]
pub(crate) struct Unsealing<M: Members> {
    sealed: Sealed,
    all: Sha256,
    /// Bytes of the header that are still to come.
    header: usize,
    archive: Archive<M>,
}

/// What is behind the header.
#[derive(Debug)]
enum Archive<M: Members> {
    /// Not two bytes of it have come, by which it is told whether it is packed.
    Begun(Vec<u8>, Unpacked<M>),
    Plain(Unpacked<M>),
    Packed(GzDecoder<Unpacked<M>>),
    /// Something of it was not as it should be.
    Refused(ContainerError),
}

/// The archive as it is unpacked.
#[derive(Debug)]
struct Unpacked<M: Members> {
    members: M,
    reading: Reading,
    passed: Vec<Passed>,
    sha256: Sha256,
    /// The list of members, if there is one: which of them, and its bytes.
    list: Option<(usize, Vec<u8>)>,
    bytes_left: usize,
    bytes_max: usize,
    refused: Option<ContainerError>,
}

impl<M: Members> Unsealing<M> {
    /// Shows what a container holds to `members`, as it comes.
    pub(crate) fn new(sealed: Sealed, members: M, unpacked_bytes_max: usize) -> Self {
        let unpacked = Unpacked {
            members,
            reading: Reading::default(),
            passed: Vec::new(),
            sha256: Sha256::new(),
            list: None,
            bytes_left: unpacked_bytes_max,
            bytes_max: unpacked_bytes_max,
            refused: None,
        };
        let archive = Archive::Begun(Vec::new(), unpacked);
        Self { sealed, all: Sha256::new(), header: HEADER_LEN, archive }
    }

    /// The next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ContainerError> {
        self.all.update(bytes);
        let (header, mut rest) = bytes.split_at(self.header.min(bytes.len()));
        self.header -= header.len();
        if let Archive::Begun(begun, _) = &mut self.archive {
            begun.extend_from_slice(rest);
            rest = &[];
            if begun.len() >= GZIP.len() {
                self.begin();
            }
        }
        let refused = match &mut self.archive {
            Archive::Begun(..) => None,
            Archive::Plain(unpacked) => unpacked.take(rest).err(),
            Archive::Packed(packed) => match write(packed, rest) {
                Ok(()) => None,
                Err(()) => Some(packed.get_ref().refused.unwrap_or(ContainerError::Archive)),
            },
            Archive::Refused(reason) => Some(*reason),
        };
        refused.map_or(Ok(()), |reason| Err(self.refuse(reason)))
    }

    /// Tells by its first bytes whether the archive is packed, and takes these in.
    fn begin(&mut self) {
        let refused = Archive::Refused(ContainerError::Archive);
        let begun = std::mem::replace(&mut self.archive, refused);
        let Archive::Begun(begun, mut unpacked) = begun else { return };
        let taken = if begun.starts_with(&GZIP) {
            let mut packed = GzDecoder::new(unpacked);
            let taken = write(&mut packed, &begun);
            let reason = packed.get_ref().refused.unwrap_or(ContainerError::Archive);
            self.archive = Archive::Packed(packed);
            taken.map_err(|()| reason)
        } else {
            let taken = unpacked.take(&begun);
            self.archive = Archive::Plain(unpacked);
            taken
        };
        if let Err(reason) = taken {
            self.refuse(reason);
        }
    }

    fn refuse(&mut self, reason: ContainerError) -> ContainerError {
        self.archive = Archive::Refused(reason);
        reason
    }

    /// All of it has come: who vouches for it, and what it was shown to.
    pub(crate) fn finish(mut self, trust: &Trust) -> Result<(Vouched, M), ContainerError> {
        if self.all.finalize_reset().as_slice() != self.sealed.all {
            return Err(ContainerError::Changed);
        }
        if let Archive::Begun(..) = &self.archive {
            self.begin();
        }
        let unpacked = match self.archive {
            Archive::Packed(packed) => finish(packed)?,
            Archive::Plain(unpacked) => unpacked,
            Archive::Begun(..) => return Err(ContainerError::Archive),
            Archive::Refused(reason) => return Err(reason),
        };
        if !unpacked.reading.is_whole() {
            return Err(ContainerError::Archive);
        }
        let Unpacked { members, passed, list, .. } = unpacked;
        let list = list.as_ref().and_then(|(number, bytes)| {
            passed.get(*number).map(|member| (&*member.name, &**bytes))
        });
        let inside = check_members(list, &passed, trust)?;
        Ok((vouched(self.sealed.outside, inside, trust)?, members))
    }
}

/// What packed archives begin with.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Unpacks `bytes`. What comes behind the end of the packed archive is not looked at.
fn write<M: Members>(packed: &mut GzDecoder<Unpacked<M>>, mut bytes: &[u8]) -> Result<(), ()> {
    while !bytes.is_empty() {
        match packed.write(bytes) {
            Ok(0) => return Ok(()),
            Ok(taken) => bytes = bytes.get(taken..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(()),
        }
    }
    Ok(())
}

/// What the last bytes of a packed archive come to.
fn finish<M: Members>(mut packed: GzDecoder<Unpacked<M>>) -> Result<Unpacked<M>, ContainerError> {
    let tried = packed.try_finish();
    if let Some(reason) = packed.get_ref().refused {
        return Err(reason);
    }
    tried.map_err(|_| ContainerError::Archive)?;
    packed.finish().map_err(|_| ContainerError::Archive)
}

impl<M: Members> Unpacked<M> {
    fn take(&mut self, bytes: &[u8]) -> Result<(), ContainerError> {
        let refused = match self.bytes_left.checked_sub(bytes.len()) {
            None => Some(ContainerError::TooLarge { max: self.bytes_max }),
            Some(left) => {
                self.bytes_left = left;
                let Self { members, reading, passed, sha256, list, .. } = self;
                let shown = reading.push(bytes, |event| {
                    note(&event, passed, sha256, list);
                    members.show(&event);
                });
                shown.is_none().then_some(ContainerError::Archive)
            }
        };
        self.refused = self.refused.or(refused);
        self.refused.map_or(Ok(()), Err)
    }
}

/// Notes what a list of members is compared with.
fn note(
    event: &Event<'_>,
    passed: &mut Vec<Passed>,
    sha256: &mut Sha256,
    list: &mut Option<(usize, Vec<u8>)>,
) {
    let at = passed.len().saturating_sub(1);
    match event {
        Event::Begin(name) => {
            if list.is_none() && is_list(name) {
                *list = Some((passed.len(), Vec::new()));
            }
            passed.push(Passed { name: name.clone(), len: 0, sha256: [0; 32] });
        }
        Event::Bytes(bytes) => {
            sha256.update(bytes);
            if let Some(member) = passed.last_mut() {
                member.len += bytes.len();
            }
            if let Some((_, list)) = list.as_mut().filter(|(number, _)| *number == at) {
                list.extend_from_slice(bytes);
            }
        }
        Event::End => {
            if let Some(member) = passed.last_mut() {
                member.sha256 = sha256.finalize_reset().into();
            }
        }
    }
}

impl<M: Members> Write for Unpacked<M> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
