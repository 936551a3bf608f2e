//! Everything that the rules of `tidy` look at, read once.

use std::fs;

use crate::{
    cargo,
    failure::{During, Failure},
    metadata::Metadata,
    source::Source,
};

/// The repository as the rules see it.
pub(crate) struct House {
    pub(crate) metadata: Metadata,
    pub(crate) sources: Vec<Source>,
}

impl House {
    pub(crate) fn load() -> Result<Self, Failure> {
        Ok(Self { metadata: Metadata::load()?, sources: Source::load_all(&cargo::root())? })
    }
}

/// The text of the file at `path`, relative to the root.
pub(crate) fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(cargo::root().join(path)).during(|| path.to_owned())
}
