//! Databases that are compiled once and loaded often: one file, an *image*, that is read in a fraction of
//! the time that its signature files take.
//!
//! | bytes | |
//! |---|---|
//! | 8 | `GWAVIMG` and a zero |
//! | 4 | the number of the form, [`FORM`]; no other one is read |
//! | 4 | CRC-32 of the rest of the head |
//! | 32 | the SHA-256 of the whole, by which it is known |
//! | 24 | of the whole: bytes of its records and of its bulk, 8 each, and CRC-32 of both |
//! | 24 | the same of the layer |
//! | | the whole: records, which are read when the image is loaded, |
//! | | and bulk: names, digests, bodies and the tables that they are searched by, used as they stand |
//! | | the layer, if there is one: the same of what has changed since the whole was built, and what is hidden of the whole |
//!
//! All numbers have their lowest byte first. The sums tell damage, not malice: an image is as trusted as
//! the folder that it lies in. Whatever it holds, reading it is total, and a scan with it does not panic.
//!
//! An image [of what is laid upon another one](crate::Overlay::image) has the same whole as that. Who has
//! this whole in force reads the layer alone.

mod bulk;
mod laid;
mod packed;
mod stored;

use bytes::Bytes;
use flate2::Crc;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Av;
use crate::compiled::Compiled;
use crate::overlay::Laid;
pub(crate) use bulk::{Narrow, Words, load_bulk, partition, store_bulk};
pub(crate) use packed::Packed;
pub(crate) use stored::{Input, Stored, stored_enum, stored_struct};

/// What an image begins with.
const MAGIC: &[u8; 8] = b"GWAVIMG\0";

/// The number of the form of images. Another one for every change of what stands in them.
pub const FORM: u32 = 5;

/// Bytes of the head of an image.
pub const HEAD_BYTES: usize = 96;

/// The head of an image: how many bytes are to be read of which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageHead {
    identity: Identity,
    layer: Section,
}

/// What a whole is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    sha256: [u8; 32],
    whole: Section,
}

/// Records and the bulk that belongs to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Section {
    records_bytes: usize,
    bulk_bytes: usize,
    records_sum: u32,
    bulk_sum: u32,
}

/// Why an image cannot be loaded.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// It is none.
    #[error("expected an image of a signature database, as `av db build` makes them")]
    Magic,
    /// It was made by another version of the gateway.
    #[error("the image is of form {found}, expected form {FORM}: build it again")]
    Form {
        /// The form that it says to be of.
        found: u32,
    },
    /// It ends early, or goes on.
    #[error("the image has not as many bytes as its head says")]
    Length,
    /// Its content is not what was written.
    #[error("the image is damaged")]
    Sum,
    /// Its content is none of an image, though its sum is right.
    #[error("the image is malformed")]
    Malformed,
    /// It has another whole than what it was to be laid upon.
    #[error("the image has another whole than the database in force")]
    Whole,
}

impl Section {
    fn of(records: &[u8], bulk: &[u8]) -> Self {
        Self {
            records_bytes: records.len(),
            bulk_bytes: bulk.len(),
            records_sum: sum(records),
            bulk_sum: sum(bulk),
        }
    }

    fn store(&self, out: &mut Vec<u8>) {
        (self.records_bytes as u64, self.bulk_bytes as u64).store(out);
        (self.records_sum, self.bulk_sum).store(out);
    }

    /// `None` for what no memory has room for.
    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (records_bytes, bulk_bytes) = <(u64, u64)>::load(input)?;
        let (records_sum, bulk_sum) = Stored::load(input)?;
        let records_bytes = usize::try_from(records_bytes).ok()?;
        let bulk_bytes = usize::try_from(bulk_bytes).ok()?;
        records_bytes.checked_add(bulk_bytes)?;
        Some(Self { records_bytes, bulk_bytes, records_sum, bulk_sum })
    }

    const fn bytes(&self) -> usize {
        self.records_bytes.saturating_add(self.bulk_bytes)
    }

    /// What `read` makes of records and bulk, which are `bytes`.
    fn open<T>(
        &self,
        bytes: &Bytes,
        read: impl FnOnce(&mut Input<'_>, &Bytes) -> Option<T>,
    ) -> Result<T, ImageError> {
        if bytes.len() != self.bytes() {
            return Err(ImageError::Length);
        }
        let (records, bulk) =
            (bytes.slice(..self.records_bytes), bytes.slice(self.records_bytes..));
        if sum(&records) != self.records_sum || sum(&bulk) != self.bulk_sum {
            return Err(ImageError::Sum);
        }
        read(&mut Input::new(&records), &bulk).ok_or(ImageError::Malformed)
    }
}

impl ImageHead {
    /// Reads a head from the first [`HEAD_BYTES`] bytes of an image.
    ///
    /// # Errors
    /// [`ImageError::Magic`], [`ImageError::Form`], [`ImageError::Length`] or [`ImageError::Sum`].
    pub fn read(head: &[u8]) -> Result<Self, ImageError> {
        let rest = head.strip_prefix(MAGIC).ok_or(ImageError::Magic)?;
        let mut input = Input::new(rest);
        let form = u32::load(&mut input).ok_or(ImageError::Length)?;
        if form != FORM {
            return Err(ImageError::Form { found: form });
        }
        let claimed = u32::load(&mut input).ok_or(ImageError::Length)?;
        let rest = input.take(HEAD_BYTES - FIXED_BYTES).ok_or(ImageError::Length)?;
        if sum(rest) != claimed {
            return Err(ImageError::Sum);
        }
        let mut input = Input::new(rest);
        let mut read = || {
            let sha256 = *input.take(32)?.first_chunk()?;
            let identity = Identity { sha256, whole: Section::load(&mut input)? };
            Some(Self { identity, layer: Section::load(&mut input)? })
        };
        read().ok_or(ImageError::Length)
    }

    /// Bytes of the whole, which follow the head.
    #[must_use]
    pub const fn whole_bytes(&self) -> usize {
        self.identity.whole.bytes()
    }

    /// Bytes of the layer, which follow the whole; 0 where there is none.
    #[must_use]
    pub const fn layer_bytes(&self) -> usize {
        self.layer.bytes()
    }

    /// The database of an image with this head.
    ///
    /// # Errors
    /// What is not as it was written.
    pub fn open(&self, whole: &Bytes, layer: &Bytes) -> Result<Av, ImageError> {
        let compiled = self.identity.whole.open(whole, Compiled::load)?;
        let av = Av::of_image(compiled, self.identity);
        self.lay(&av, layer)
    }

    /// Whether `av` stands on the whole of this image, so that the layer is all there is to read.
    #[must_use]
    pub fn has_whole_of(&self, av: &Av) -> bool {
        av.whole.identity == Some(self.identity)
    }

    /// The database of an image of which `av` [has the whole](Self::has_whole_of), which is shared.
    ///
    /// # Errors
    /// What is not as it was written, and [`ImageError::Whole`].
    pub fn open_upon(&self, av: &Av, layer: &Bytes) -> Result<Av, ImageError> {
        if !self.has_whole_of(av) {
            return Err(ImageError::Whole);
        }
        self.lay(av, layer)
    }

    fn lay(&self, av: &Av, layer: &Bytes) -> Result<Av, ImageError> {
        let whole = &av.whole;
        if self.layer == Section::default() && layer.is_empty() {
            return Ok(Av::standing_on(whole.clone()));
        }
        self.layer.open(layer, |input, bulk| Laid::load(input, bulk, whole)).map(Av::laid)
    }
}

/// Bytes of the head before what its sum is of.
const FIXED_BYTES: usize = 16;

/// An image of `compiled`.
pub(crate) fn write(compiled: &Compiled) -> Vec<u8> {
    let (mut records, mut bulk) = (Vec::new(), Vec::new());
    compiled.store(&mut records, &mut bulk);
    let sha256 = Sha256::new().chain_update(&records).chain_update(&bulk).finalize().into();
    let identity = Identity { sha256, whole: Section::of(&records, &bulk) };
    let mut image = ImageHead { identity, layer: Section::default() }.write();
    image.append(&mut records);
    image.append(&mut bulk);
    image
}

/// An image of what is laid upon the one `of`, whose whole it has.
pub(crate) fn write_laid(laid: &Laid, of: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut head = ImageHead::read(of)?;
    let whole = of.get(HEAD_BYTES..).and_then(|rest| rest.get(..head.whole_bytes()));
    let whole = whole.ok_or(ImageError::Length)?;
    if laid.whole.identity != Some(head.identity) {
        return Err(ImageError::Whole);
    }
    let (mut records, mut bulk) = (Vec::new(), Vec::new());
    laid.store(&mut records, &mut bulk);
    head.layer = Section::of(&records, &bulk);
    Ok([&head.write(), whole, &records, &bulk].concat())
}

impl ImageHead {
    fn write(&self) -> Vec<u8> {
        let mut rest = self.identity.sha256.to_vec();
        self.identity.whole.store(&mut rest);
        self.layer.store(&mut rest);
        let mut head = MAGIC.to_vec();
        (FORM, sum(&rest)).store(&mut head);
        head.append(&mut rest);
        head
    }
}

fn sum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

    use super::*;
    use crate::DatabaseBuilder;

    /// Signatures of every kind.
    const FILES: [(&str, &str); 9] = [
        (
            "t.ndb",
            "lit:0:*:6d6f72706869\ngap:0:*:6d6f*7270{1-2}6869\nend:0:EOF-4:2e2e2e2e\nat:0:2,3:6d6f\n\
             or:7:*:6d6f(72|73)!(70|71)6869\nways:0:*:(6d6f|6d)72(70|7068)6869(W)\nep:1:EP+2:0000\n\
             group:0:$3:6869\nelf:6:S1+2:6d6f",
        ),
        (
            "t.ldb",
            "log;Engine:51-255,Target:0,FileSize:1-99,Container:CL_TYPE_ZIP;(0|1)>1,2&2;6d6f::iw;\
             7068::f;0(>>2#ib1#=0x72)\nmac;Engine:81-255,Target:0;0&1;6d6f;${1-9}3$\n\
             sec;Engine:51-255,Target:1,NumberOfSections:1-9;0=0;6d6f7270\n\
             rex;Engine:81-255,Target:0;0&1;6d6f;1,9:0/R[p-q]h?/gi",
        ),
        (
            "t.hsb",
            "44d88612fea8a8f36de82e1278abb02f:68:md5\n\
                   da39a3ee5e6b4b0d3255bfef95601890afd80709:*:sha1:73",
        ),
        ("t.mdb", "512:44d88612fea8a8f36de82e1278abb02f:section"),
        ("t.imp", "44d88612fea8a8f36de82e1278abb02f:9:import"),
        ("t.cdb", "cdb:CL_TYPE_ZIP:*:in/.*exe:*:1-9:*:1:*:*"),
        ("t.ftm", "0:0:6d6f:mo:CL_TYPE_ANY:CL_TYPE_MSEXE"),
        ("t.sfp", "44d88612fea8a8f36de82e1278abb02f:5:listed"),
        ("t.ign2", "at"),
    ];

    fn builder() -> DatabaseBuilder {
        let mut builder = DatabaseBuilder::default();
        for (name, lines) in FILES {
            builder.add_file(name, lines.as_bytes()).unwrap();
        }
        builder
    }

    fn open(image: &[u8]) -> Result<Av, ImageError> {
        let (head, rest) = image.split_at_checked(HEAD_BYTES).ok_or(ImageError::Length)?;
        let head = ImageHead::read(head)?;
        let (whole, layer) = rest.split_at_checked(head.whole_bytes()).ok_or(ImageError::Length)?;
        head.open(&Bytes::copy_from_slice(whole), &Bytes::copy_from_slice(layer))
    }

    /// The files with a line less, and with one more.
    fn changed() -> Vec<(&'static str, String)> {
        let change = |(name, lines): (&'static str, &str)| match name {
            "t.ndb" => (name, lines.replace("lit:0:*:6d6f72706869\n", "")),
            "t.ldb" => (name, format!("{lines}\nnew;Target:0;0&1;6d6f;7270")),
            "t.hsb" => (name, lines.replace("md5", "other")),
            _ => (name, lines.to_owned()),
        };
        FILES.into_iter().map(change).collect()
    }

    /// An image of the changed files that is laid upon `image`.
    fn laid(image: &[u8]) -> Vec<u8> {
        let (av, limits) = (open(image).unwrap(), crate::DatabaseLimits::default());
        let mut overlay = av.overlay(crate::Replaced::All, limits, 1).unwrap();
        for (name, lines) in changed() {
            overlay.files().add_file(name, lines.as_bytes()).unwrap();
        }
        overlay.image(image).unwrap()
    }

    fn found(av: &Av, bytes: &[u8]) -> Vec<String> {
        let zip = Part::root(PartKind::Zip, None);
        let id = gateway_inspect::PartId::new(1);
        let part = Part::member(id, &zip, "zip:in/a.exe".into(), 0);
        let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
        let mut found = Findings::new(0);
        for chunk in bytes.chunks(3) {
            chain.push(chunk, &mut found);
        }
        chain.finish(&mut found);
        let all = found.drain().map(|finding| format!("{} {:?}", finding.entry.id, finding.place));
        all.collect()
    }

    #[test]
    fn an_image_finds_what_its_files_find() {
        let (image, av) = (builder().build_image(), builder().build());
        let loaded = open(&image).unwrap();
        assert_eq!((loaded.report(), loaded.signatures()), (av.report(), av.signatures()));
        let mut all = 0;
        for bytes in [
            &b"..morphi.mo..rp.hi...."[..],
            b"xmo.mrphi MO\0r\0moshhi..",
            b"mork ph m\0o\0m\0o\0.hi",
            b"....",
            b"",
        ] {
            assert_eq!(found(&loaded, bytes), found(&av, bytes), "{}", bytes.escape_ascii());
            all += found(&av, bytes).len();
        }
        assert!(all > 8, "{all} findings say little");
        assert_eq!(image, builder().build_image());
    }

    #[test]
    fn what_has_changed_lies_upon_the_whole_of_an_image() {
        let image = builder().build_image();
        let changed = {
            let mut builder = DatabaseBuilder::default();
            for (name, lines) in changed() {
                builder.add_file(name, lines.as_bytes()).unwrap();
            }
            builder.build()
        };
        let layered = laid(&image);
        assert!(layered.len() > image.len());
        let (first, second) = (open(&image).unwrap(), open(&layered).unwrap());
        let (head, rest) = layered.split_at(HEAD_BYTES);
        let head = ImageHead::read(head).unwrap();
        let layer = Bytes::copy_from_slice(&rest[head.whole_bytes()..]);
        assert_eq!(layer.len(), head.layer_bytes());
        assert!(head.has_whole_of(&first) && !head.has_whole_of(&changed));
        let upon = head.open_upon(&first, &layer).unwrap();
        assert!(upon.shares_with(&first) && !upon.shares_with(&second));
        // Upon what lies upon it, and back to what was there at first.
        let again = head.open_upon(&upon, &layer).unwrap();
        let back = ImageHead::read(&image).unwrap().open_upon(&again, &Bytes::new()).unwrap();
        assert_eq!(head.open_upon(&changed, &layer).unwrap_err(), ImageError::Whole);
        let mut all = 0;
        for bytes in [&b"..morphi.mo..rp.hi...."[..], b"xmo.mrphi MO\0r\0moshhi..", b"morp"] {
            let sorted = |av: &Av| {
                let mut found = found(av, bytes);
                found.sort_unstable();
                found
            };
            for av in [&second, &upon, &again] {
                assert_eq!(sorted(av), sorted(&changed), "{}", bytes.escape_ascii());
                assert_eq!(
                    (av.report(), av.signatures()),
                    (changed.report(), changed.signatures())
                );
            }
            assert_eq!(sorted(&back), sorted(&first));
            assert_eq!(back.report(), first.report());
            all += sorted(&changed).len();
        }
        assert!(all > 8, "{all} findings say little");
        // A layer upon a layer is one upon the whole.
        assert_eq!(laid(&layered), layered);
    }

    #[test]
    fn where_much_has_changed_there_is_no_layer() {
        let image = builder().build_image();
        let (av, limits) = (open(&image).unwrap(), crate::DatabaseLimits::default());
        let mut overlay = av.overlay(crate::Replaced::All, limits.clone(), 20).unwrap();
        overlay.files().add_file("t.ndb", b"a:0:*:6162").unwrap();
        assert_eq!(overlay.image(&image).unwrap_err(), crate::NotOverlaid::TooMuch);
        let other = DatabaseBuilder::default().build_image();
        let mut overlay = av.overlay(crate::Replaced::All, limits, 0).unwrap();
        FILES.iter().for_each(|(name, lines)| {
            drop(overlay.files().add_file(name, lines.as_bytes()).unwrap());
        });
        assert_eq!(overlay.clone().image(&other).unwrap_err(), ImageError::Whole.into());
        assert_eq!(overlay.image(&image[..200]).unwrap_err(), ImageError::Length.into());
    }

    #[test]
    fn what_is_not_as_it_was_written_is_refused() {
        let image = builder().build_image();
        for image in [laid(&image), image] {
            let (len, head) = (image.len(), ImageHead::read(&image).unwrap());
            let layer = len - head.layer_bytes();
            let some = (HEAD_BYTES..len).step_by(1 + len / 100);
            for at in (0..HEAD_BYTES).chain(some).chain((layer..len).step_by(997)) {
                let mut other = image.clone();
                other[at] ^= 1;
                let error = open(&other).unwrap_err();
                assert!(at < 12 || error == ImageError::Sum, "byte {at}: {error}");
            }
            for end in [0, 7, 39, 40, 100, HEAD_BYTES, layer - 1, len - 1] {
                assert!(open(&image[..end]).is_err(), "up to {end}");
            }
            assert_eq!(open(&[&image[..], &[0]].concat()).unwrap_err(), ImageError::Length);
        }
        let mut form = builder().build_image();
        form[8] = 9;
        assert_eq!(open(&form).unwrap_err(), ImageError::Form { found: 9 });
        let zip = [&b"PK\x03\x04and so on, a hundred bytes and more of it"[..], &[7; 99]].concat();
        assert_eq!(open(&zip).unwrap_err(), ImageError::Magic);
    }

    /// Should this fail, [`FORM`] wants another number.
    #[test]
    fn the_form_is_that_of_its_number() {
        let image = builder().build_image();
        assert_eq!((FORM, image.len(), sum(&image)), (5, 727_201, 685_974_844));
    }
}
