//! Databases that are compiled once and loaded often: one file, an *image*, that is read in a fraction of
//! the time that its signature files take.
//!
//! | bytes | |
//! |---|---|
//! | 8 | `GWAVIMG` and a zero |
//! | 4 | the number of the form, [`FORM`]; no other one is read |
//! | 4 | CRC-32 of the records |
//! | 4 | CRC-32 of the bulk |
//! | 4 | zeros |
//! | 8, 8 | bytes of the records, and of the bulk |
//! | | the records: what is read when the image is loaded |
//! | | the bulk: names, digests, bodies and the tables that they are searched by, used as they stand |
//!
//! All numbers have their lowest byte first. The sums tell damage, not malice: an image is as trusted as
//! the folder that it lies in. Whatever it holds, reading it is total, and a scan with it does not panic.

mod bulk;
mod packed;
mod stored;

use bytes::Bytes;
use flate2::Crc;
use thiserror::Error;

use crate::Av;
use crate::compiled::Compiled;
pub(crate) use bulk::{Narrow, Words, load_bulk, partition, store_bulk};
pub(crate) use packed::Packed;
pub(crate) use stored::{Input, Stored, stored_enum, stored_struct};

/// What an image begins with.
const MAGIC: &[u8; 8] = b"GWAVIMG\0";

/// The number of the form of images. Another one for every change of what stands in them.
pub const FORM: u32 = 4;

/// Bytes of the head of an image.
pub const HEAD_BYTES: usize = 40;

/// The head of an image: how many bytes are to be read of which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageHead {
    /// Bytes of the records, which follow the head.
    pub records_bytes: usize,
    /// Bytes of the bulk, which follow the records.
    pub bulk_bytes: usize,
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
}

impl ImageHead {
    /// Reads a head from the first [`HEAD_BYTES`] bytes of an image.
    ///
    /// # Errors
    /// [`ImageError::Magic`], [`ImageError::Form`] or [`ImageError::Length`].
    pub fn read(head: &[u8]) -> Result<Self, ImageError> {
        let rest = head.strip_prefix(MAGIC).ok_or(ImageError::Magic)?;
        let mut input = Input::new(rest);
        let form = u32::load(&mut input).ok_or(ImageError::Length)?;
        if form != FORM {
            return Err(ImageError::Form { found: form });
        }
        let mut read = || {
            let (records_sum, bulk_sum, _) = <(u32, u32, u32)>::load(&mut input)?;
            let (records_bytes, bulk_bytes) = <(u64, u64)>::load(&mut input)?;
            let records_bytes = usize::try_from(records_bytes).ok()?;
            let bulk_bytes = usize::try_from(bulk_bytes).ok()?;
            Some(Self { records_bytes, bulk_bytes, records_sum, bulk_sum })
        };
        read().ok_or(ImageError::Length)
    }

    /// The database of an image with this head.
    ///
    /// # Errors
    /// What is not as it was written.
    pub fn open(&self, records: &[u8], bulk: Bytes) -> Result<Av, ImageError> {
        if (records.len(), bulk.len()) != (self.records_bytes, self.bulk_bytes) {
            return Err(ImageError::Length);
        }
        if sum(records) != self.records_sum || sum(&bulk) != self.bulk_sum {
            return Err(ImageError::Sum);
        }
        let compiled = Compiled::load(&mut Input::new(records), &bulk);
        compiled.map(Av::new).ok_or(ImageError::Malformed)
    }
}

/// An image of `compiled`.
pub(crate) fn write(compiled: &Compiled) -> Vec<u8> {
    let (mut records, mut bulk) = (Vec::new(), Vec::new());
    compiled.store(&mut records, &mut bulk);
    let mut image = MAGIC.to_vec();
    FORM.store(&mut image);
    (sum(&records), sum(&bulk), 0u32).store(&mut image);
    (records.len() as u64, bulk.len() as u64).store(&mut image);
    image.append(&mut records);
    image.append(&mut bulk);
    image
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
        let (records, bulk) =
            rest.split_at_checked(head.records_bytes).ok_or(ImageError::Length)?;
        head.open(records, Bytes::copy_from_slice(bulk))
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
    fn what_is_not_as_it_was_written_is_refused() {
        let image = builder().build_image();
        let len = image.len();
        for at in (0..HEAD_BYTES).chain((HEAD_BYTES..len).step_by(1 + len / 100)) {
            let mut other = image.clone();
            other[at] ^= 1;
            // Four bytes of the head say nothing.
            assert_eq!(open(&other).is_ok(), (20..24).contains(&at), "byte {at}");
        }
        for end in [0, 7, 39, 40, 100, image.len() - 1] {
            assert!(open(&image[..end]).is_err(), "up to {end}");
        }
        assert_eq!(open(&[&image[..], &[0]].concat()).unwrap_err(), ImageError::Length);
        let mut form = image;
        form[8] = 9;
        assert_eq!(open(&form).unwrap_err(), ImageError::Form { found: 9 });
        assert_eq!(
            open(b"PK\x03\x04and so on, forty bytes and more of it").unwrap_err(),
            ImageError::Magic
        );
    }

    /// Should this fail, [`FORM`] wants another number.
    #[test]
    fn the_form_is_that_of_its_number() {
        let image = builder().build_image();
        assert_eq!((FORM, image.len(), sum(&image)), (4, 726_508, 1_221_337_524));
    }
}
