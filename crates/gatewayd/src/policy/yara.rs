//! Rules of YARA in folders of signature databases, in a program that was built with them.

use std::path::PathBuf;

use crate::place::Place;

#[cfg(feature = "yara")]
pub(crate) use with::{Yara, load};
#[cfg(not(feature = "yara"))]
pub(crate) use without::{Yara, load};

/// Extensions of sources.
pub(super) const SOURCES: [&str; 2] = ["yar", "yara"];
/// The extension of compiled rules.
pub(super) const COMPILED: &str = "yarac";

/// What is wrong with YARA rules, or worth a warning.
#[derive(Debug, thiserror::Error)]
pub(crate) enum YaraProblem {
    /// There are YARA rules, and this program does not know them.
    #[cfg_attr(feature = "yara", expect(dead_code, reason = "where there are none alone"))]
    #[error("{}: not loaded: this program was built without the feature `yara`", .path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// A file of compiled YARA rules cannot be used.
    #[error("{}: {why}", .path.display())]
    #[cfg_attr(not(feature = "yara"), expect(dead_code, reason = "of YARA rules alone"))]
    Compiled {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A YARA rule is not loaded, while the others of its file are.
    #[error("{}: the rule `{rule}` is left out: {why}", .path.display())]
    #[cfg_attr(not(feature = "yara"), expect(dead_code, reason = "of YARA rules alone"))]
    LeftOut {
        /// The file.
        path: PathBuf,
        /// The rule.
        rule: String,
        /// Why.
        why: String,
    },
    /// Compiled YARA rules stand for all of them, and others are there too.
    #[error("{}: compiled rules stand for all YARA rules: expected none beside them", .path.display())]
    #[cfg_attr(not(feature = "yara"), expect(dead_code, reason = "of YARA rules alone"))]
    NotAlone {
        /// The file of compiled rules.
        path: PathBuf,
    },
    /// Something is wrong with a source of YARA rules.
    #[error("{place}: {what}")]
    #[cfg_attr(not(feature = "yara"), expect(dead_code, reason = "of YARA rules alone"))]
    Source {
        /// Where.
        place: Place,
        /// What was found there.
        what: String,
    },
}

impl YaraProblem {
    /// Where it stands, if it is about a place in a source.
    pub(super) const fn place(&self) -> Option<&Place> {
        match self {
            Self::Source { place, .. } => Some(place),
            Self::Absent { .. }
            | Self::Compiled { .. }
            | Self::LeftOut { .. }
            | Self::NotAlone { .. } => None,
        }
    }
}

#[cfg(feature = "yara")]
mod with {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use gateway_av::yara::{self, YaraBuilder, YaraLimits};
    use gateway_inspect::Examiner;

    use super::{COMPILED, YaraProblem};
    use crate::config::AvDatabases;
    use crate::place::Place;
    use crate::policy::av::extension;
    use crate::policy::{PolicyError, Problem};

    /// Compiled rules.
    #[derive(Clone, Debug)]
    pub(crate) struct Yara(yara::Yara);

    impl Yara {
        pub(crate) fn examiner(&self) -> Arc<dyn Examiner> {
            Arc::new(self.0.clone())
        }

        pub(crate) const fn rules(&self) -> u64 {
            self.0.rules()
        }

        /// As bytes for a file of compiled rules.
        pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, yara::YaraImageError> {
            self.0.to_bytes()
        }
    }

    /// The rules in `files`, if there are any: sources, or one file of compiled rules alone. What is
    /// left out is told in `warnings`.
    ///
    /// # Errors
    ///
    /// The first problem of every file.
    pub(crate) fn load(
        files: &[PathBuf],
        settings: &AvDatabases,
        warnings: &mut Vec<Problem>,
    ) -> Result<Option<Yara>, PolicyError> {
        let limits = YaraLimits { part_bytes_max: settings.yara_part_bytes_max };
        if files.is_empty() {
            return Ok(None);
        }
        if let Some(path) = files.iter().find(|path| extension(path) == COMPILED) {
            if files.len() > 1 {
                return Err(Problem::from(YaraProblem::NotAlone { path: path.clone() }).into());
            }
            let wrong = |why: yara::YaraImageError| YaraProblem::Compiled {
                path: path.clone(),
                why: why.to_string(),
            };
            let rules = yara::Yara::from_bytes(&read(path)?, limits)
                .map_err(wrong)
                .map_err(Problem::from)?;
            return Ok(Some(Yara(rules)));
        }
        let mut builder = YaraBuilder::new(limits);
        let mut problems = Vec::new();
        for path in files {
            let text = match read(path) {
                Ok(text) => text,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            match builder.add_source(&path.display().to_string(), &text) {
                Ok(report) => warnings.extend(report.left_out.into_iter().map(|(rule, why)| {
                    YaraProblem::LeftOut { path: path.clone(), rule, why: why.to_string() }.into()
                })),
                Err(error) => {
                    let (line, column) = (error.line, error.column);
                    let place = Place { file: path.clone(), line, column };
                    problems.push(YaraProblem::Source { place, what: error.what }.into());
                }
            }
        }
        match problems.is_empty() {
            true => Ok(Some(Yara(builder.build()))),
            false => Err(PolicyError { problems }),
        }
    }

    fn read(path: &Path) -> Result<Vec<u8>, Problem> {
        std::fs::read(path).map_err(|source| Problem::Read { path: path.to_owned(), source })
    }
}

#[cfg(not(feature = "yara"))]
mod without {
    use std::path::PathBuf;
    use std::sync::Arc;

    use gateway_inspect::Examiner;

    use super::YaraProblem;
    use crate::config::AvDatabases;
    use crate::policy::{PolicyError, Problem};

    /// Rules, which there are none of.
    #[derive(Clone, Debug)]
    pub(crate) enum Yara {}

    impl Yara {
        pub(crate) fn examiner(&self) -> Arc<dyn Examiner> {
            match *self {}
        }

        pub(crate) const fn rules(&self) -> u64 {
            match *self {}
        }

        pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, std::convert::Infallible> {
            match *self {}
        }
    }

    /// Tells in `warnings` that the rules in `files` are not looked for.
    pub(crate) fn load(
        files: &[PathBuf],
        _: &AvDatabases,
        warnings: &mut Vec<Problem>,
    ) -> Result<Option<Yara>, PolicyError> {
        warnings.extend(files.iter().map(|path| YaraProblem::Absent { path: path.clone() }.into()));
        Ok(None)
    }
}
