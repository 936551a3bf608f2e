//! Images of signature databases: read, laid upon what is in force, and made.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use gateway_av::image::{HEAD_BYTES, ImageError, ImageHead};
use gateway_av::{Av, DatabaseLimits, Replaced};
use memmap2::{Advice, MmapOptions};

use super::upon::PART_MIN;
use super::{AvProblem, Problem, besides_images, builder, cannot_read, newest, read_into};
use crate::config::AvDatabases;
use crate::policy::PolicyError;

/// The scanner of the image `path`.
///
/// # Errors
///
/// What cannot be read, or is no image of this version.
pub(crate) fn read_image(path: &Path) -> Result<Av, Problem> {
    read_upon(path, None)
}

/// The scanner of the image `path`. Of its whole nothing is read where `before` has the same one.
///
/// # Errors
///
/// As [`read_image`].
pub(super) fn read_upon(path: &Path, before: Option<&Av>) -> Result<Av, Problem> {
    let cannot = |source| cannot_read(path, source);
    let wrong = |source| Problem::from(AvProblem::Image { path: path.to_owned(), source });
    let mut file = File::open(path).map_err(cannot)?;
    let mut head = [0; HEAD_BYTES];
    let len = file.metadata().map_err(cannot)?.len();
    if let Err(error) = file.read_exact(&mut head) {
        // What ends before it is none.
        return Err(match error.kind() {
            io::ErrorKind::UnexpectedEof => wrong(ImageError::Magic),
            _ => cannot(error),
        });
    }
    let head = ImageHead::read(&head).map_err(wrong)?;
    let bytes = [HEAD_BYTES, head.whole_bytes(), head.layer_bytes()];
    let sum = bytes.iter().try_fold(0u64, |sum, bytes| {
        u64::try_from(*bytes).ok().and_then(|bytes| sum.checked_add(bytes))
    });
    if sum != Some(len) {
        return Err(wrong(ImageError::Length));
    }
    if let Some(before) = before.filter(|before| head.has_whole_of(before)) {
        let layer = u64::try_from(head.whole_bytes().saturating_add(HEAD_BYTES));
        let layer = layer.map_err(|_| wrong(ImageError::Length))?;
        file.seek(SeekFrom::Start(layer)).map_err(cannot)?;
        let layer = memory(&mut file, head.layer_bytes()).map_err(cannot)?;
        return head.open_upon(before, &layer).map_err(wrong);
    }
    let whole = memory(&mut file, head.whole_bytes()).map_err(cannot)?;
    let layer = memory(&mut file, head.layer_bytes()).map_err(cannot)?;
    head.open(&whole, &layer).map_err(wrong)
}

/// The next bytes of a file.
fn memory(file: &mut File, bytes: usize) -> io::Result<Bytes> {
    if bytes == 0 {
        return Ok(Bytes::new());
    }
    let mut memory = MmapOptions::new().len(bytes).map_anon()?;
    // Large pages, where the system has some: making small ones takes longer than reading the file.
    let _ = memory.advise(Advice::HugePage);
    file.read_exact(&mut memory)?;
    Ok(Bytes::from_owner(memory))
}

/// An image of what the folders `dirs` hold of databases besides images. Where little of it differs from
/// what the image `older` was made of, it has the same whole as that one.
///
/// # Errors
///
/// As [`load`](super::load).
pub(crate) fn image(
    dirs: &[PathBuf],
    older: Option<&Path>,
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<Vec<u8>, PolicyError> {
    if let Some(laid) = older.and_then(|older| image_upon(dirs, older, settings, warnings)) {
        return laid;
    }
    warnings.clear();
    Ok(builder(dirs, settings, warnings)?.build_image())
}

/// An image with the whole of `older`; `None` where that is none of this version, or much differs.
fn image_upon(
    dirs: &[PathBuf],
    older: &Path,
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Option<Result<Vec<u8>, PolicyError>> {
    let av = read_image(older).ok()?;
    let mut overlay = av.overlay(Replaced::All, DatabaseLimits::default(), PART_MIN).ok()?;
    let read = besides_images(dirs)
        .map_err(PolicyError::from)
        .and_then(|files| read_into(overlay.files(), newest(files), settings, warnings));
    if let Err(error) = read {
        return Some(Err(error));
    }
    overlay.image(&std::fs::read(older).ok()?).ok().map(Ok)
}
