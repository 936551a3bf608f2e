//! Signature files that come in a container.

use std::collections::BTreeSet;

use super::pieces::Member;
use super::{DatabaseBuilder, Form, Held};
use crate::container::{Container, Sealed, Unsealing};
use crate::container::{ContainerError, Members};
use crate::signed::{Trust, Vouched};
use crate::tar::Event;
use crate::{LoadError, Report};

impl DatabaseBuilder {
    /// Takes in the members of a container that are signature files; `name` is for errors. Kinds of
    /// files that are not supported are counted, and what no database file is named like is refused.
    /// [`begin_container`](Self::begin_container) does the same without all of it in memory.
    ///
    /// # Errors
    /// The first member, or line of one, that is not as it should be. Nothing of the container is
    /// taken in then.
    pub fn add_container(
        &mut self,
        name: &str,
        container: &Container,
    ) -> Result<Report, LoadError> {
        let mut taken = Taken::new(self, name);
        for (member, bytes) in container.members() {
            taken.show(&Event::Begin(member.to_owned()));
            taken.show(&Event::Bytes(bytes));
            taken.show(&Event::End);
        }
        taken.finish()
    }

    /// Begins to take in a container that comes for the second time, having come as `sealed` before.
    pub fn begin_container(&mut self, name: &str, sealed: Sealed) -> ContainerInPieces<'_> {
        let max = self.limits.unpacked_bytes_max;
        let taken = Taken::new(self, name);
        ContainerInPieces { name: name.to_owned(), unsealing: Unsealing::new(sealed, taken, max) }
    }

    /// Whether a file of this name is a signature file, supported or not.
    #[must_use]
    pub fn is_signature_file(name: &str) -> bool {
        Form::of(name).is_some()
    }
}

/// A container that is being taken in piece by piece. Unless it is [finished](Self::finish), nothing of
/// it is taken in.
#[derive(Debug)]
pub struct ContainerInPieces<'a> {
    name: String,
    unsealing: Unsealing<Taken<'a>>,
}

impl ContainerInPieces<'_> {
    /// Takes in the next bytes of the container.
    ///
    /// # Errors
    /// What is damaged. A member or a line of one that is not as it should be is told in the end, as it
    /// may turn out then that it is damage.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        self.unsealing.push(bytes).map_err(|reason| self.refused(reason))
    }

    /// The container has ended: what loading it came to, and who vouches for it.
    ///
    /// # Errors
    /// As [`push`](Self::push), and what [`DatabaseBuilder::add_container`] and [`Container::open`] say.
    pub fn finish(self, trust: &Trust) -> Result<(Report, Vouched), LoadError> {
        let Self { name, unsealing } = self;
        let refused = |reason| LoadError::Container { file: name, reason };
        let (vouched, taken) = unsealing.finish(trust).map_err(refused)?;
        Ok((taken.finish()?, vouched))
    }

    fn refused(&self, reason: ContainerError) -> LoadError {
        LoadError::Container { file: self.name.clone(), reason }
    }
}

/// What has been taken in of a container. Unless it is finished, nothing is.
#[derive(Debug)]
struct Taken<'a> {
    builder: &'a mut DatabaseBuilder,
    name: String,
    held: Held,
    ignored: BTreeSet<Box<str>>,
    report: Report,
    /// The member at work, if it is a signature file.
    member: Option<Member>,
    wrong: Option<LoadError>,
    is_finished: bool,
}

impl<'a> Taken<'a> {
    fn new(builder: &'a mut DatabaseBuilder, name: &str) -> Self {
        Self {
            held: builder.held(),
            ignored: builder.ignored.clone(),
            builder,
            name: name.to_owned(),
            report: Report::default(),
            member: None,
            wrong: None,
            is_finished: false,
        }
    }

    fn try_show(&mut self, event: &Event<'_>) -> Result<(), LoadError> {
        match event {
            Event::Begin(member) if member == "COPYING" || member.ends_with(".info") => {}
            Event::Begin(member) => {
                self.member = Some(Member::of(&format!("{}:{member}", self.name))?);
            }
            Event::Bytes(bytes) => {
                if let Some(member) = &mut self.member {
                    member.push(self.builder, bytes)?;
                }
            }
            Event::End => {
                if let Some(mut member) = self.member.take() {
                    self.report.add(&member.end(self.builder)?);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Report, LoadError> {
        if let Some(error) = self.wrong.take() {
            return Err(error);
        }
        self.builder.take_in(&self.name, &self.held, &self.report);
        self.is_finished = true;
        Ok(std::mem::take(&mut self.report))
    }
}

impl Members for Taken<'_> {
    fn show(&mut self, event: &Event<'_>) {
        if self.wrong.is_none() {
            self.wrong = self.try_show(event).err();
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.builder.truncate(&self.held);
            self.builder.ignored = std::mem::take(&mut self.ignored);
        }
    }
}
