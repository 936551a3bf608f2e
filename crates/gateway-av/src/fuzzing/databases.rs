//! Bodies of the fuzz targets of what brings signatures in: containers, scripts, signatures, images.

use std::sync::LazyLock;

use bytes::Bytes;

use super::{of_files, scan};
use crate::compiled::Compiled;
use crate::container::{Container, Sealing};
use crate::image::Input;
use crate::overlay::Laid;
use crate::signed::{Content, Strictness, Trust, certificates, verify_detached};
use crate::update::{Files, Script};
use crate::{Av, DatabaseBuilder, DatabaseLimits, LoadError, Overlay, Replaced, Report};

/// Bytes that anything may unpack to.
const UNPACKED_MAX: usize = 1 << 20;

/// Opens arbitrary bytes as a container, and loads what it holds.
pub fn clamav_container(data: &[u8]) {
    let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
    let strict = Container::open(data, None, &Trust::default(), UNPACKED_MAX);
    assert!(strict.is_err(), "nobody has signed it");
    let mut builder = DatabaseBuilder::default();
    let opened = Container::open(data, None, &lax, UNPACKED_MAX);
    let added = match &opened {
        Ok(container) => builder.add_container("fuzz.cvd", container),
        Err(reason) => Err(LoadError::Container { file: "fuzz.cvd".to_owned(), reason: *reason }),
    };
    let pieces = container_in_pieces(data, &lax);
    // Which of several faults is told first differs.
    assert_eq!(added.as_ref().ok(), pieces.as_ref().ok(), "in pieces");
    if added.is_err() {
        assert_eq!(builder.build().signatures(), 1, "a refused one left something behind");
    }
}

/// What arbitrary bytes come to as a container that comes in pieces.
fn container_in_pieces(data: &[u8], trust: &Trust) -> Result<Report, LoadError> {
    let pieces = || data.chunks(97);
    let mut sealing = Sealing::new(None);
    pieces().for_each(|piece| sealing.push(piece));
    let refused = |reason| LoadError::Container { file: "fuzz.cvd".to_owned(), reason };
    let sealed = sealing.finish(trust).map_err(refused)?;
    let limits = DatabaseLimits { unpacked_bytes_max: UNPACKED_MAX, ..DatabaseLimits::default() };
    let mut builder = DatabaseBuilder::new(limits);
    let mut loading = builder.begin_container("fuzz.cvd", sealed);
    let taken = pieces().try_for_each(|piece| loading.push(piece));
    let report = taken.and_then(|()| loading.finish(trust)).map(|(report, _)| report);
    if report.is_err() {
        assert_eq!(builder.build().signatures(), 1, "a refused one left something behind");
    }
    report
}

/// Carries out arbitrary bytes as commands of a script, and opens them as one. Panics when a script
/// that cannot be carried out has changed a file.
pub fn clamav_update(data: &[u8]) {
    let before: Files = [("a.ndb", "one\ntwo\nthree\n"), ("b.hdb", "x\ny"), ("c", "")]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into();
    let mut files = before.clone();
    if Script::of_commands(data).apply(&mut files).is_err() {
        assert_eq!(files, before, "a refused script changed something");
    }
    let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
    let _ = Script::open(data, None, &lax, UNPACKED_MAX);
    assert!(Script::open(data, None, &Trust::default(), UNPACKED_MAX).is_err());
}

/// Reads arbitrary bytes as certificates and as a file of signatures, whose signer is known but has
/// signed other content.
pub fn clamav_signature(data: &[u8]) {
    static TRUST: LazyLock<Trust> = LazyLock::new(|| {
        let pem = include_bytes!("../../corpus/clamav_signature/certificate");
        Trust { certificates: certificates(pem).unwrap_or_default(), ..Trust::default() }
    });
    let _ = certificates(data);
    let verified = verify_detached(data, &Content::Bytes(b"content of others"), &TRUST);
    assert!(verified.is_err(), "{verified:?}");
}

/// Signatures of every kind that an image holds.
const SIGNATURES: [(&str, &str); 6] = [
    (
        "f.ndb",
        "a:0:*:2e2e*3a3a{1-2}3a3a\nb:0:EOF-4:6161\nc:1:EP+2,3:6162(61|62)!(63|64)\nd:0:*:6d6f7270(W)\ng:0:$3:6869\ne:6:SE1:6d6f*7270",
    ),
    (
        "f.ldb",
        "l;Engine:51-255,Target:0,FileSize:1-99;(0|1)>1,2&2;6d6f::i;7068;0(>>2#ib1#=0x72)\nm;Engine:81-255,Target:0;0&1;6d6f;${1-9}3$\nr;Engine:81-255,Target:0;0&1;6d6f;0/r.h[^x]/gi",
    ),
    ("f.hsb", "44d88612fea8a8f36de82e1278abb02f:*:h:73"),
    ("f.mdb", "512:44d88612fea8a8f36de82e1278abb02f:s"),
    ("f.cdb", "n:CL_TYPE_ZIP:*:in/.*exe:*:1-9:*:1:*:*"),
    ("f.ftm", "0:0:6d6f:mo:CL_TYPE_ANY:CL_TYPE_MSEXE"),
];

/// Places from here on are those of the bulk, the ones before those of the records.
const IN_BULK: u16 = 1 << 15;

/// Scans with an image that was changed: of each four bytes two are a place, the others what is put
/// there; with one to three bytes more it is the layer of it that is changed, not the whole. Whatever it
/// has become, reading it, scanning with it and laying files upon it must not panic.
pub fn clamav_image(data: &[u8]) {
    static IMAGE: LazyLock<(Section, Section)> = LazyLock::new(|| {
        let (mut whole, mut layer) = (Section::default(), Section::default());
        of_files(&SIGNATURES).compile().store(&mut whole.0, &mut whole.1);
        let laid = upon(&of_files(&SIGNATURES).build()).map(Overlay::lay);
        if let Some(Ok(laid)) = &laid {
            laid.store(&mut layer.0, &mut layer.1);
        }
        debug_assert!(matches!(laid, Some(Ok(_))), "{laid:?}");
        (whole, layer)
    });
    let (mut whole, mut layer) = IMAGE.clone();
    let (records, bulk) = if data.len().is_multiple_of(4) { &mut whole } else { &mut layer };
    // Names, digests and bodies come first in the bulk. The tables that samples are asked in are most
    // of it, and say yes or no, whatever they hold.
    for change in data.chunks_exact(4) {
        let [low, high, one, two] = *change else { continue };
        let at = u16::from_le_bytes([low, high]);
        let bytes = if at < IN_BULK { &mut *records } else { &mut *bulk };
        for (place, value) in (usize::from(at % IN_BULK)..).zip([one, two]) {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= value;
            }
        }
    }
    let scan = |av: &Av| {
        scan(av, b"morphi aacc::.. MO..rp.hi aa", 5);
        scan(av, data, 7);
    };
    let Some(compiled) = Compiled::load(&mut Input::new(&whole.0), &Bytes::from(whole.1)) else {
        return;
    };
    let av = Av::new(compiled);
    scan(&av);
    let bulk = Bytes::from(layer.1);
    if let Some(laid) = Laid::load(&mut Input::new(&layer.0), &bulk, &av.whole) {
        scan(&Av::laid(laid));
    }
    if let Some(Ok(laid)) = upon(&av).map(Overlay::build) {
        scan(&laid);
    }
}

/// Records and bulk.
type Section = (Vec<u8>, Vec<u8>);

/// The signatures with one of them less, and another one, in the place of all that `av` was built of.
fn upon(av: &Av) -> Option<Overlay> {
    let mut overlay = av.overlay(Replaced::All, DatabaseLimits::default(), 0).ok()?;
    for (name, lines) in SIGNATURES {
        let lines = lines.replace("d:0:*", "x:0:4").replace("n:CL_TYPE", "m:CL_TYPE");
        overlay.files().add_file(name, lines.as_bytes()).ok()?;
    }
    Some(overlay)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replay(target: fn(&[u8]), seeds: &[&[u8]]) {
        for seed in seeds {
            target(seed);
            for end in (0..seed.len()).step_by(1 + seed.len() / 64) {
                target(&seed[..end]);
            }
        }
    }

    #[test]
    fn the_corpus_replays() {
        let containers: [&[u8]; 2] = [
            include_bytes!("../../corpus/clamav_container/packed"),
            include_bytes!("../../corpus/clamav_container/plain"),
        ];
        replay(clamav_container, &containers);
        let scripts: [&[u8]; 2] = [
            include_bytes!("../../corpus/clamav_update/commands"),
            include_bytes!("../../corpus/clamav_update/packed"),
        ];
        replay(clamav_update, &scripts);
        let signatures: [&[u8]; 2] = [
            include_bytes!("../../corpus/clamav_signature/certificate"),
            include_bytes!("../../corpus/clamav_signature/signature"),
        ];
        replay(clamav_signature, &signatures);
        replay(clamav_image, &[include_bytes!("../../corpus/clamav_image/changes")]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn changed_images_are_read_or_refused(
            changes in proptest::collection::vec(
                (prop_oneof![0..2048u16, IN_BULK..IN_BULK + 4096], any::<u16>()),
                1..4,
            ),
            of_layer in any::<bool>(),
        ) {
            let bytes = |(at, value): (u16, u16)| [at.to_le_bytes(), value.to_le_bytes()].concat();
            let mut bytes: Vec<_> = changes.into_iter().flat_map(bytes).collect();
            bytes.extend(of_layer.then_some(0));
            clamav_image(&bytes);
        }

        #[test]
        fn commands_that_are_nearly_right_are_carried_out_or_refused(
            lines in proptest::collection::vec(
                "(OPEN|UNLINK) (a.ndb|c)|(DEL|XCHG) [0-4] (one|tw|th)( new)?|ADD x|CLOSE|MOVE a.ndb b.hdb [0-4] [a-z]{1,2} [0-4] [a-z]{1,2}",
                0..8,
            ),
        ) {
            clamav_update(lines.join("\n").as_bytes());
        }
    }
}
