//! What has changed of a database, laid upon what has not, without building all of it once more.
//!
//! What was built as a whole stays as it is, and is shared. Files that have changed are read once more,
//! line by line: signatures that were there already stay where they are, those that were not are built and
//! lie upon the whole as a layer of their own, and those that are there no more are hidden.

use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

use crate::av::Whole;
use crate::compiled::Compiled;
use crate::files::Share;
use crate::image::{self, ImageError};
use crate::known::Known;
use crate::layer::{Layer, examiners};
use crate::mask::{Ids, Mask};
use crate::{Av, DatabaseBuilder, DatabaseLimits, Report};

/// Why files cannot be laid upon a database, so that all of it must be built once more.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOverlaid {
    /// The image is none of the database.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// What signatures of other files come to depends on a line that is new or has gone, or the other way
    /// round.
    #[error("{file}: signatures of other files depend on it, or it on them")]
    Tied {
        /// The file of that line.
        file: String,
    },
    /// More has changed than [was allowed](Av::overlay).
    #[error("more has changed than may be laid upon a database")]
    TooMuch,
    /// All files together would hold more signatures than allowed.
    #[error("more than {max} signatures")]
    TooMany {
        /// How many may be.
        max: usize,
    },
    /// The database was not built of a file of that name.
    #[error("{file}: no file of the database")]
    Unknown {
        /// The name that was given.
        file: String,
    },
}

/// Which files of a database others come in the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced<'a> {
    /// All of them, under whatever names they were [added](DatabaseBuilder::add_file).
    All,
    /// Those with these names.
    Files(&'a [&'a str]),
}

/// Files that are read to be laid upon a database, in the place of some of its own.
#[derive(Clone, Debug)]
pub struct Overlay {
    files: DatabaseBuilder,
    whole: Arc<Whole>,
    /// The numbers of the shares that are replaced.
    gone: Box<[usize]>,
    /// Whether files are known again by their names.
    by_name: bool,
}

/// What comes of it.
#[derive(Debug)]
pub(crate) struct Laid {
    pub(crate) whole: Arc<Whole>,
    /// What lies upon the whole.
    pub(crate) layer: Compiled,
    pub(crate) hidden: Ids,
    /// That of both.
    pub(crate) report: Report,
}

impl Av {
    /// Begins to lay files upon the database, in the place of those that `replaced` names: a file that has
    /// changed is named, and [added](Overlay::files) anew. What has changed may be one part in `part_min`
    /// of the database, where a digest counts one and any other signature ten, as by the memory that they
    /// take; what is new and what has gone are counted each for itself. With 0 it may be all.
    ///
    /// It takes memory for the signatures that are new, and time for reading the files that are added; all
    /// else is shared with `self`, and with whatever else was laid upon the same.
    ///
    /// Files are told of the database that was *built*, or loaded from an [image](crate::image): laid upon
    /// what is overlaid itself, they say anew how files differ from those that were built as a whole, and
    /// what was laid upon it before counts no more. So there are never more than two layers.
    ///
    /// # Laws
    /// What [`Overlay::build`] makes finds what a database would that was built of the same files under the
    /// same limits, and its [`report`](Self::report) and [`signatures`](Self::signatures) are those of that
    /// one, but for this:
    /// * of one part up to 32 signatures of each layer are reported, not of both together;
    /// * signatures that are hidden are never found and hold nothing back, but a part of which not all
    ///   could be looked at for one of them is still said to be unscannable;
    /// * both layers are under way at a time, so that inspectors hold more, and bodies take two passes.
    ///
    /// What the files of the whole say of others holds for what is added too: names that are not in force,
    /// types, and digests of files in which nothing is found.
    ///
    /// # Errors
    /// [`NotOverlaid::Unknown`].
    ///
    /// ```
    /// use gateway_av::{DatabaseBuilder, DatabaseLimits, Replaced};
    ///
    /// let mut builder = DatabaseBuilder::default();
    /// builder.add_file("own.ndb", b"Own.Worm-1:0:*:6d6f7270\nOwn.Worm-2:0:*:6d6f72\n").unwrap();
    /// let built = builder.build();
    ///
    /// let limits = DatabaseLimits::default();
    /// let mut overlay = built.overlay(Replaced::Files(&["own.ndb"]), limits, 2).unwrap();
    /// overlay.files().add_file("own.ndb", b"Own.Worm-1:0:*:6d6f7270\n").unwrap();
    /// let overlaid = overlay.build().unwrap();
    /// assert_eq!((built.signatures(), overlaid.signatures()), (3, 2));
    /// assert!(overlaid.shares_with(&built));
    /// ```
    pub fn overlay(
        &self,
        replaced: Replaced<'_>,
        limits: DatabaseLimits,
        part_min: usize,
    ) -> Result<Overlay, NotOverlaid> {
        let (whole, shares) = (self.whole.clone(), &self.whole.files.shares);
        let is_gone = |share: &Share| match replaced {
            Replaced::All => true,
            Replaced::Files(names) => names.contains(&&*share.name),
        };
        if let Replaced::Files(names) = replaced {
            let is_unknown = |name: &&&str| shares.iter().all(|share| *share.name != ***name);
            if let Some(name) = names.iter().find(is_unknown) {
                return Err(NotOverlaid::Unknown { file: (*name).to_owned() });
            }
        }
        let gone: Vec<_> = shares.iter().enumerate().filter(|(_, one)| is_gone(one)).collect();
        let ids: Vec<Range<u32>> = gone.iter().map(|(_, one)| one.signatures.clone()).collect();
        let gone = gone.into_iter().map(|(number, _)| number).collect();
        let weight_max = whole.files.weight().checked_div(part_min).unwrap_or(usize::MAX);
        let known = Known::new(whole.clone(), &ids, weight_max);
        let by_name = matches!(replaced, Replaced::Files(_));
        Ok(Overlay { files: DatabaseBuilder::upon(limits, known), whole, gone, by_name })
    }

    /// Whether this database and `other` stand on one that was built as a whole, so that one of them
    /// takes little memory beside the other.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.whole, &other.whole)
    }

    /// What `laid` comes to.
    pub(crate) fn laid(laid: Laid) -> Self {
        let Laid { whole, layer, hidden, report } = laid;
        let upon = Layer::new(layer, &whole.terms);
        let lowest = whole.layer.masked(&Mask::new(hidden));
        let examiners = examiners(&lowest, Some(&upon), &whole.terms).into();
        Self { examiners, report: Arc::new(report), whole }
    }
}

impl Overlay {
    /// What takes in the files that come in the place of others. Signatures that were there already are
    /// not taken in once more, but counted.
    pub fn files(&mut self) -> &mut DatabaseBuilder {
        &mut self.files
    }

    /// The database with these files laid upon it.
    ///
    /// # Errors
    /// [`NotOverlaid`], and then the database must be built once more: where too much has changed, and
    /// where a line is new or has gone that has to do with other signatures, as those of `.ign`, `.ign2`,
    /// `.ftm`, `.fp` and `.sfp` files have, and signatures with macros, groups or `HandlerType`.
    pub fn build(self) -> Result<Av, NotOverlaid> {
        self.lay().map(Av::laid)
    }

    /// An [image](crate::image) of the database with these files laid upon it, with the same whole as
    /// `image`, which the database was loaded from. Who has that whole in force reads the layer alone.
    ///
    /// # Errors
    /// As [`build`](Self::build), and where `image` is another one, or is damaged.
    pub fn image(self, image: &[u8]) -> Result<Vec<u8>, NotOverlaid> {
        Ok(image::write_laid(&self.lay()?, image)?)
    }

    pub(crate) fn lay(self) -> Result<Laid, NotOverlaid> {
        let too_much = || NotOverlaid::TooMuch;
        let known = self.files.known().filter(|_| !self.files.is_exceeded());
        let hidden = known.and_then(Known::hidden).ok_or_else(too_much)?.clone();
        if let Some(file) = self.tied(&hidden) {
            return Err(NotOverlaid::Tied { file });
        }
        let Self { files, whole, .. } = &self;
        let gone = || self.gone();
        let max = files.limits().signatures_max;
        let gone_len: usize = gone().map(|share| share.held).sum();
        if whole.files.held.saturating_sub(gone_len).saturating_add(files.len()) > max {
            return Err(NotOverlaid::TooMany { max });
        }
        let mut report = Report::clone(&whole.report);
        gone().for_each(|share| report.take_out(&share.report));
        let layer = self.files.compile_without(&self.whole.files.ignored);
        report.add(&layer.report);
        Ok(Laid { whole: self.whole, layer, hidden, report })
    }

    fn gone(&self) -> impl Iterator<Item = &Share> {
        self.gone.iter().filter_map(|number| self.whole.files.shares.get(*number))
    }

    /// A file that has a line that is new, or had one that is hidden, on which others depend.
    fn tied(&self, hidden: &Ids) -> Option<String> {
        let fresh = self.files.shares();
        if let Some(share) = fresh.iter().find(|share| share.ties.ties) {
            return Some(share.name.to_string());
        }
        let holds_one = |share: &&Share| {
            let heeded = &self.whole.files.heeded;
            heeded.iter().any(|id| share.signatures.contains(id) && hidden.contains(*id))
        };
        if let Some(share) = self.gone().find(holds_one) {
            return Some(share.name.to_string());
        }
        let is_one = |share: &&Share| share.ties.terms != 0;
        // What is said of types counts in the order of the files.
        let (mut before, mut after) = (self.gone().filter(is_one), fresh.iter().filter(is_one));
        loop {
            match (before.next(), after.next()) {
                (None, None) => return None,
                (Some(one), Some(other))
                    if one.ties.terms == other.ties.terms
                        && (!self.by_name || stem(&one.name) == stem(&other.name)) => {}
                (Some(_), Some(share)) | (Some(share), None) | (None, Some(share)) => {
                    return Some(share.name.to_string());
                }
            }
        }
    }
}

/// The name of a file without its extension, which a container changes when it is brought up to date.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests;
