//! A few files of a database in the place of older ones, without building all of it once more.
//!
//! What was built as a whole stays as it is, and is shared; signatures of files that have gone or
//! changed are hidden in it, and those of new and changed files lie upon it, as a layer of their own.

use std::sync::Arc;

use thiserror::Error;

use crate::av::Whole;
use crate::files::{Files, Share};
use crate::layer::{Layer, examiners};
use crate::mask::Mask;
use crate::{Av, DatabaseBuilder, Report};

/// Why files cannot be laid upon a database, so that all of it must be built once more.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOverlaid {
    /// It was loaded from an [image](crate::image), which does not say what came of which file.
    #[error("an image does not say what came of which file")]
    Image,
    /// What signatures of other files come to depends on the file, or the other way round.
    #[error("{file}: signatures of other files depend on it, or it on them")]
    Tied {
        /// Its name.
        file: String,
    },
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

impl Av {
    /// The database without the files that are called `gone`, and with those of `fresh`: a file that has
    /// changed is in both. It takes memory and time for the files of `fresh` alone; all else is shared
    /// with `self`, and with whatever else was laid upon the same.
    ///
    /// Names are those under which the files were [added](DatabaseBuilder::add_file). They are told of
    /// the database that was *built*: laid upon what is overlaid itself, `gone` and `fresh` say anew how
    /// the files differ from those that were built as a whole, and what was laid upon it before counts
    /// no more. So there are never more than two layers.
    ///
    /// # Laws
    /// It finds what a database would that was built of the same files under the same
    /// [limits](crate::DatabaseLimits), and [`report`](Self::report) and
    /// [`signatures`](Self::signatures) are those of that one, but for this:
    /// * of one part up to 32 signatures of each layer are reported, not of both together;
    /// * signatures that are hidden are never found and hold nothing back, but a part of which not all
    ///   could be looked at for one of them is still said to be unscannable;
    /// * both layers are under way at a time, so that inspectors hold more, and bodies take two passes.
    ///
    /// What the files of the whole say of others holds for `fresh` too: names that are not in force,
    /// types, and digests of files in which nothing is found.
    ///
    /// # Errors
    /// [`NotOverlaid`], and then the database must be built once more: above all where a file of either
    /// side has to do with signatures of others, as `.ign`, `.ign2`, `.ftm`, `.fp` and `.sfp` files have,
    /// and signatures with macros, groups or `HandlerType`.
    ///
    /// ```
    /// use gateway_av::DatabaseBuilder;
    ///
    /// let mut builder = DatabaseBuilder::default();
    /// builder.add_file("large.ndb", b"Large.Worm-1:0:*:776f726d6d6f7265\n").unwrap();
    /// builder.add_file("own.ndb", b"Own.Worm-1:0:*:6d6f72706869\nOwn.Worm-2:0:*:6d6f72\n").unwrap();
    /// let built = builder.build();
    ///
    /// let mut fresh = DatabaseBuilder::default();
    /// fresh.add_file("own.ndb", b"Own.Worm-1:0:*:6d6f72706869\n").unwrap();
    /// let overlaid = built.overlaid(&["own.ndb"], fresh).unwrap();
    /// assert_eq!((built.signatures(), overlaid.signatures()), (4, 3));
    /// assert!(overlaid.shares_with(&built));
    /// ```
    pub fn overlaid(&self, gone: &[&str], fresh: DatabaseBuilder) -> Result<Self, NotOverlaid> {
        let whole = self.whole.clone();
        let files = whole.files.as_ref().ok_or(NotOverlaid::Image)?;
        let mut hidden = Vec::new();
        for name in gone {
            let before = hidden.len();
            hidden.extend(files.shares.iter().filter(|share| *share.name == **name));
            if hidden.len() == before {
                return Err(NotOverlaid::Unknown { file: (*name).to_owned() });
            }
        }
        let tied = hidden.iter().copied().find(|share| share.ties.is_heeded);
        let others = |share: &&Share| share.ties.is_heeded || share.ties.heeds;
        if let Some(share) = tied.or_else(|| fresh.shares().iter().find(others)) {
            return Err(NotOverlaid::Tied { file: share.name.to_string() });
        }
        let max = fresh.limits().signatures_max;
        let gone_len: usize = hidden.iter().map(|share| share.signatures.len()).sum();
        if files.held.saturating_sub(gone_len).saturating_add(fresh.len()) > max {
            return Err(NotOverlaid::TooMany { max });
        }
        Ok(overlay(&whole, files, &hidden, fresh))
    }

    /// Whether this database and `other` stand on one that was built as a whole, so that one of them
    /// takes little memory beside the other.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.whole, &other.whole)
    }
}

fn overlay(whole: &Arc<Whole>, files: &Files, hidden: &[&Share], fresh: DatabaseBuilder) -> Av {
    let mut report = Report::clone(&whole.report);
    hidden.iter().for_each(|share| report.take_out(&share.report));
    let mask = Mask::new(hidden.iter().map(|share| share.signatures.clone()).collect());
    let compiled = fresh.compile_without(&files.ignored);
    report.add(&compiled.report);
    let upon = Layer::new(compiled, &whole.terms);
    let lowest = whole.layer.masked(&mask);
    let examiners = examiners(&lowest, Some(&upon), &whole.terms).into();
    Av { examiners, report: Arc::new(report), whole: whole.clone() }
}

#[cfg(test)]
mod tests;
