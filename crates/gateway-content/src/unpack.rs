//! The unpacker.
use crate::{BodyInfo, Budget, Limits, PartEvent, Report, Step};
use bytes::Bytes;
use gateway_inspect::{Clearance, Examiner, Wanted};
use std::sync::Arc;

/// Unpacks one body.
pub struct Unpacker {}

impl Unpacker {
    /// The scanner name under which a caller wants the kinds and outcomes of parts though no
    /// examiner is to look at them.
    pub const SCANNER: &'static str = "content";

    /// An unpacker for one body.
    #[must_use]
    pub fn new(
        examiners: Arc<[Arc<dyn Examiner>]>,
        wanted: Wanted,
        info: &BodyInfo,
        limits: &Limits,
        inspect_limits: &gateway_inspect::Limits,
    ) -> Self {
        let _ = (examiners, wanted, info, limits, inspect_limits);
        todo!()
    }
    /// Queues bytes of the body; does no work.
    pub fn push(&mut self, _wire: Bytes) {
        todo!()
    }
    /// The wire has ended.
    pub fn end(&mut self) {
        todo!()
    }
    /// Works on what is queued.
    pub fn step(&mut self, _budget: Budget) -> Step {
        todo!()
    }
    /// How far the wire is cleared.
    #[must_use]
    pub fn clearance(&self) -> Clearance {
        todo!()
    }
    /// Takes the findings.
    pub fn reports(&mut self) -> impl Iterator<Item = Report> + '_ {
        std::iter::empty()
    }
    /// Findings that did not fit.
    #[must_use]
    pub fn missed(&self) -> u64 {
        todo!()
    }
    /// Takes the part events.
    pub fn parts(&mut self) -> impl Iterator<Item = PartEvent> + '_ {
        std::iter::empty()
    }
    /// Narrows what is wanted.
    pub fn set_wanted(&mut self, _wanted: Wanted) {
        todo!()
    }
    /// Whether nothing more can come of feeding it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        todo!()
    }
    /// Bytes shown to inspectors.
    #[must_use]
    pub fn scanned_bytes(&self) -> u64 {
        todo!()
    }
    /// The most bytes it may hold, queued wire bytes aside.
    #[must_use]
    pub fn memory_max(&self) -> usize {
        todo!()
    }
}
