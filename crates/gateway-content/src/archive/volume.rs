//! File systems in an image: files that lie in pieces anywhere in it, by what the file system tells of them.
//! An image that is small is gathered, and its files are shown when all of it is there. Of a larger one as much is
//! gathered as there is room for; the files that are told in that are shown as they come.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::Member;
use super::{fat, hfs, udf};
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::decoder::Decoder;
use crate::coding::pieces::{Piece, Pieces};

/// Files, at the most; the rest: `TooMany`.
const FILES_MAX: usize = 100_000;
/// Stretches of all files.
const STRETCHES_MAX: usize = 200_000;
/// Bytes of names.
const PATH_BYTES_MAX: usize = 4 << 20;

/// What an image is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileSystem {
    /// FAT12, FAT16 and FAT32.
    Fat,
    /// HFS+ and HFSX.
    Hfs,
    /// UDF, and ISO 9660 beside it.
    Udf,
}

impl FileSystem {
    /// What goes before the name of a file.
    const fn name(self) -> &'static str {
        match self {
            Self::Fat => "fat",
            Self::Hfs => "hfs",
            Self::Udf => "udf",
        }
    }

    fn list(self, image: &Image<'_>, listing: &mut Listing) {
        match self {
            Self::Fat => fat::list(image, listing),
            Self::Hfs => hfs::list(image, listing),
            Self::Udf => udf::list(image, listing),
        }
    }
}

/// The bytes of an image that are there.
pub(super) struct Image<'a> {
    /// Where they begin.
    base: u64,
    bytes: &'a [u8],
    /// Why there are no more.
    lack: Unscannable,
}

impl<'a> Image<'a> {
    /// The `len` bytes from `at` on, counted from the start of the image.
    pub(super) fn get(&self, at: u64, len: usize) -> Result<&'a [u8], Unscannable> {
        let from = at.checked_sub(self.base).ok_or(Unscannable::Unsupported)?;
        let from = usize::try_from(from).map_err(|_| self.lack)?;
        let to = from.checked_add(len).ok_or(self.lack)?;
        self.bytes.get(from..to).ok_or(self.lack)
    }

    /// Where the bytes end that are there.
    pub(super) const fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// Why there are no more.
    pub(super) const fn lack(&self) -> Unscannable {
        self.lack
    }
}

/// A stretch of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where in the image it begins; zeros stand nowhere.
    pub(super) at: Option<u64>,
    pub(super) len: u64,
}

/// A file, and where it is.
#[derive(Clone, Debug)]
pub(super) struct File {
    name: Vec<u8>,
    size: u64,
    pub(super) stretches: Vec<Stretch>,
}

/// What a file system tells, as far as it may.
pub(super) struct Listing {
    files: Vec<File>,
    /// Which of them begins where.
    known: BTreeMap<u64, usize>,
    stretches: usize,
    path_bytes: usize,
    name_bytes_max: usize,
    /// What may be read of folders and the like, and what holes may amount to.
    pub(super) allowance: Allowance,
    failed: Option<Unscannable>,
}

impl Listing {
    fn new(len: usize, limits: &Limits) -> Self {
        Self {
            files: Vec::new(),
            known: BTreeMap::new(),
            stretches: 0,
            path_bytes: 0,
            name_bytes_max: limits.name_bytes_max,
            allowance: Allowance::new(len),
            failed: None,
        }
    }

    /// Not all is told, for that reason.
    pub(super) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// Whether so many bytes more may be read; if not, it has failed.
    pub(super) fn may_read(&mut self, bytes: usize) -> bool {
        let may = self.allowance.take(bytes);
        if !may {
            self.fail(Unscannable::WorkExceeded);
        }
        may
    }

    /// Whether no more can be told.
    pub(super) const fn is_over(&self) -> bool {
        self.allowance.is_spent() || self.is_full()
    }

    const fn is_full(&self) -> bool {
        self.path_bytes > PATH_BYTES_MAX
            || self.files.len() >= FILES_MAX
            || self.stretches > STRETCHES_MAX
    }

    /// The first `size` bytes of a folder in these stretches.
    pub(super) fn gather(
        &mut self,
        image: &Image<'_>,
        size: u64,
        stretches: &[Stretch],
    ) -> Result<Vec<u8>, Unscannable> {
        let (stretches, is_whole) = fit(stretches, size);
        if !is_whole {
            self.fail(Unscannable::Malformed);
        }
        let mut bytes = Vec::new();
        for stretch in stretches {
            let len = usize::try_from(stretch.len).map_err(|_| Unscannable::WorkExceeded)?;
            // No folder is larger than what is there.
            if bytes.len().saturating_add(len) > image.bytes.len() || !self.may_read(len) {
                return Err(Unscannable::WorkExceeded);
            }
            match stretch.at {
                Some(at) => bytes.extend_from_slice(image.get(at, len)?),
                None => bytes.resize(bytes.len() + len, 0),
            }
        }
        Ok(bytes)
    }

    /// The path of what is called `name` in a folder, as far as it is shown, if there is room for it.
    pub(super) fn path(&mut self, folder: &[u8], name: &[u8]) -> Option<Vec<u8>> {
        let separator: &[u8] = if folder.is_empty() { b"" } else { b"/" };
        let mut path = [folder, separator, name].concat();
        path.truncate(self.name_bytes_max);
        self.path_bytes += path.len() + 1;
        if self.is_full() {
            self.fail(Unscannable::TooMany);
            return None;
        }
        Some(path)
    }

    /// A file of `size` bytes in these stretches. One that is the same as another is that under another name.
    pub(super) fn file(&mut self, name: Vec<u8>, size: u64, stretches: &[Stretch]) {
        let (stretches, is_whole) = fit(stretches, size);
        if !is_whole {
            self.fail(Unscannable::Malformed);
        }
        let Some(first) = stretches.first() else { return };
        let holes = stretches.iter().filter(|stretch| stretch.at.is_none());
        let holes = holes.fold(0u64, |sum, hole| sum.saturating_add(hole.len));
        if !self.may_read(usize::try_from(holes).unwrap_or(usize::MAX)) {
            return;
        }
        if let Some(at) = first.at {
            let known = self.known.get(&at).and_then(|index| self.files.get(*index));
            if known.is_some_and(|known| known.stretches == stretches) {
                return;
            }
            self.known.entry(at).or_insert(self.files.len());
        }
        self.stretches += stretches.len();
        if self.is_full() {
            return self.fail(Unscannable::TooMany);
        }
        self.files.push(File { name, size, stretches });
    }

    /// Files that share bytes.
    fn compare(&mut self) {
        let all = self.files.iter().flat_map(|file| &file.stretches);
        let mut all: Vec<_> = all.filter_map(|stretch| Some((stretch.at?, stretch.len))).collect();
        all.sort_unstable();
        let is_crossed = |pair: &[(u64, u64)]| match pair {
            [(at, len), (next, _)] => at.saturating_add(*len) > *next,
            _ => false,
        };
        if all.windows(2).any(is_crossed) {
            self.fail(Unscannable::Contradiction);
        }
    }
}

/// The stretches of the first `size` bytes, those that follow each other joined, and whether there are as many.
fn fit(stretches: &[Stretch], size: u64) -> (Vec<Stretch>, bool) {
    let mut fitted: Vec<Stretch> = Vec::new();
    let mut left = size;
    for stretch in stretches {
        let len = stretch.len.min(left);
        left -= len;
        if len == 0 {
            continue;
        }
        match fitted.last_mut() {
            Some(last) if last.at.map(|at| at.saturating_add(last.len)) == stretch.at => {
                last.len = last.len.saturating_add(len);
            }
            _ => fitted.push(Stretch { at: stretch.at, len }),
        }
    }
    (fitted, left == 0)
}

/// An image of which all is there from `base` on.
pub(crate) struct Volume {
    system: FileSystem,
    base: u64,
    bytes: Bytes,
    pub(super) files: VecDeque<File>,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

impl Volume {
    /// Reads what the file system tells. `lack` is why there are no more bytes.
    pub(super) fn read(
        system: FileSystem,
        base: u64,
        bytes: Bytes,
        lack: Unscannable,
        limits: &Limits,
    ) -> Self {
        let mut listing = Listing::new(bytes.len(), limits);
        system.list(&Image { base, bytes: &bytes, lack }, &mut listing);
        listing.compare();
        let Listing { files, failed, .. } = listing;
        let allowance = Allowance::new(bytes.len());
        Self { system, base, bytes, files: files.into(), allowance, failed }
    }

    /// An image of which the bytes from `base` on are these.
    pub(crate) fn open(system: FileSystem, base: u64, bytes: Bytes, limits: &Limits) -> Self {
        Self::read(system, base, bytes, Unscannable::Malformed, limits)
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// Where the bytes end that are there.
    pub(super) fn end(&self) -> u64 {
        self.base.saturating_add(self.bytes.len() as u64)
    }

    /// Those bytes, as far as they are there, and how many are not.
    fn held(&self, at: u64, len: u64) -> Result<(Bytes, u64), Unscannable> {
        let from = at.checked_sub(self.base).ok_or(Unscannable::Unsupported)?;
        let there = self.end().saturating_sub(at).min(len);
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.bytes.len());
        let to = from.saturating_add(usize::try_from(there).unwrap_or(usize::MAX));
        let bytes = self.bytes.slice(from..to.min(self.bytes.len()));
        let left = len - bytes.len() as u64;
        Ok((bytes, left))
    }

    pub(super) fn member(&self, file: File, decoder: Result<Decoder, Unscannable>) -> Member {
        let member = Member::stream(self.system.name(), file.name, Decoder::Stored { left: 0 });
        Member { decoder, size: Some(file.size), from: Some(self.base), ..member }
    }

    /// What puts a file together of which the rest is to come from `at` on in the stream, and up to where that is
    /// used then.
    pub(super) fn pieces(
        &self,
        file: &File,
        mut at: u64,
    ) -> Result<(VecDeque<Piece>, u64), Unscannable> {
        let mut pieces = VecDeque::new();
        for stretch in &file.stretches {
            let Some(from) = stretch.at else {
                pieces.push_back(Piece::Zeros(stretch.len));
                continue;
            };
            let (held, left) = self.held(from, stretch.len)?;
            let from = from.saturating_add(held.len() as u64);
            if !held.is_empty() {
                pieces.push_back(Piece::Held(held));
            }
            if left > 0 {
                // It is behind already, or comes behind what is behind it in the file.
                let skip = from.checked_sub(at).ok_or(Unscannable::Unsupported)?;
                if skip > 0 {
                    pieces.push_back(Piece::Skip(skip));
                }
                pieces.push_back(Piece::Take(left));
                at = from.saturating_add(left);
            }
        }
        Ok((pieces, at))
    }

    /// The next file of an image that is there as a whole.
    pub(crate) fn next_member(&mut self) -> Option<Member> {
        let file = self.files.pop_front()?;
        let spent = usize::try_from(file.size).unwrap_or(usize::MAX).min(self.bytes.len());
        if !self.allowance.take(spent) {
            // Files share bytes over and over.
            self.fail(Unscannable::WorkExceeded);
            self.files.clear();
            return None;
        }
        let end = self.end();
        let decoder = match self.pieces(&file, end) {
            Err(reason) => Err(reason),
            Ok((_, at)) if at != end => Err(Unscannable::Malformed),
            Ok((mut pieces, _)) => Ok(match pieces.pop_front() {
                Some(Piece::Held(bytes)) if pieces.is_empty() => Decoder::Held(bytes),
                first => {
                    pieces.extend(first);
                    pieces.rotate_right(1);
                    Decoder::Other(Box::new(Pieces::new(pieces)))
                }
            }),
        };
        Some(self.member(file, decoder))
    }
}
