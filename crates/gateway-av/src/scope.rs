//! What is scanned, and up to which sizes: presets. What lies beyond a limit is told as such; it is
//! never taken for clean. The databases know nothing of this.

use std::sync::Arc;

use gateway_inspect::{
    Examiner, Findings, Inspector, Outcome, Part, PartKind, Progress, Reach, Unscannable, Wanted,
    Window,
};

use crate::SCANNER;

/// Which bodies are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Criteria {
    /// All.
    #[default]
    All,
    /// All but those that are declared to be an image, audio or video, not offered as a file, and
    /// that do not begin like a program, a document or an archive. What such a body holds besides is
    /// looked at.
    ButMedia,
}

/// What is scanned, and the limits of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scope {
    /// Which bodies.
    pub criteria: Criteria,
    /// Bytes of one part. A larger one is [`Unscannable::TooLarge`]. Default: no such limit.
    pub part_bytes_max: Option<u64>,
    /// Containers above a part. One that is deeper is [`Unscannable::TooDeep`]. Default: no such
    /// limit beside that of unpacking.
    pub depth_max: Option<u8>,
    /// Members of one container. More are [`Unscannable::TooMany`]. Default: no such limit beside that
    /// of unpacking.
    pub members_max: Option<u32>,
}

/// The plans of Cloudflare Gateway, which differ in how large a file they scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// 15 MB.
    Free,
    /// 25 MB.
    PayAsYouGo,
    /// 100 MB.
    Enterprise,
}

impl Scope {
    /// What Cloudflare Gateway scans: all but media, up to the size of the `plan`, 3 levels of archives
    /// and 300 files in one.
    #[must_use]
    pub const fn cloudflare(plan: Plan) -> Self {
        let bytes = match plan {
            Plan::Free => 15_000_000,
            Plan::PayAsYouGo => 25_000_000,
            Plan::Enterprise => 100_000_000,
        };
        Self {
            criteria: Criteria::ButMedia,
            part_bytes_max: Some(bytes),
            depth_max: Some(3),
            members_max: Some(300),
        }
    }

    /// The examiners that look at what is within the scope, as `examiners` would at everything; and
    /// one more that tells what is beyond its limits.
    #[must_use]
    pub fn narrow(&self, examiners: &[Arc<dyn Examiner>]) -> Vec<Arc<dyn Examiner>> {
        if *self == Self::default() {
            return examiners.to_vec();
        }
        let scoped = |examiner: Arc<dyn Examiner>| -> Arc<dyn Examiner> {
            Arc::new(Scoped { examiner, criteria: self.criteria })
        };
        let bounds = scoped(Arc::new(Bounds(self.clone())));
        examiners.iter().cloned().map(scoped).chain([bounds]).collect()
    }
}

/// An examiner of some bodies only.
struct Scoped {
    examiner: Arc<dyn Examiner>,
    criteria: Criteria,
}

impl Examiner for Scoped {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let passed_over = match self.criteria {
            Criteria::All => false,
            Criteria::ButMedia => part.declared_media && !begins_otherwise(part.kind),
        };
        if passed_over { None } else { self.examiner.open(part, wanted) }
    }
}

/// Whether a body begins like something else than media. Text does not: what is no form of it that can do
/// something, such as markup or a script, is passed over like bytes of any kind.
const fn begins_otherwise(kind: PartKind) -> bool {
    !matches!(
        kind,
        PartKind::Unknown
            | PartKind::Gif
            | PartKind::Jpeg
            | PartKind::Png
            | PartKind::Text
            | PartKind::WebP
    )
}

/// Tells what is beyond the limits of a scope.
struct Bounds(Scope);

impl Examiner for Bounds {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let Scope { part_bytes_max, depth_max, members_max, .. } = self.0;
        let too_deep = depth_max.is_some_and(|max| part.depth > max);
        let too_many = members_max.is_some_and(|max| part.depth > 0 && part.position >= max);
        let beyond = match (too_deep, too_many) {
            (true, _) => Some(Unscannable::TooDeep),
            (false, true) => Some(Unscannable::TooMany),
            (false, false) => None,
        };
        let bytes_max = part_bytes_max.unwrap_or(u64::MAX);
        Some(Box::new(BoundsInspector { beyond, bytes_max }))
    }
}

struct BoundsInspector {
    beyond: Option<Unscannable>,
    bytes_max: u64,
}

impl BoundsInspector {
    fn beyond_at(&self, bytes: u64) -> Option<Unscannable> {
        self.beyond.or_else(|| (bytes > self.bytes_max).then_some(Unscannable::TooLarge))
    }
}

impl Inspector for BoundsInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: 0 }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        match self.beyond_at(window.end().as_u64()) {
            Some(reason) => Progress::Done(Outcome::Unscannable(reason)),
            None => Progress::More { clear_to: window.end() },
        }
    }

    fn finish(&mut self, tail: Window<'_>, _: &mut Findings) -> Outcome {
        self.beyond_at(tail.end().as_u64()).map_or(Outcome::Clean, Outcome::Unscannable)
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::conformance::{Options, check, check_idle};
    use gateway_inspect::{Chain, Limits, PartId};

    use super::*;
    use crate::{DatabaseBuilder, eicar};

    /// Findings, and why not all was looked at.
    fn scan(scope: &Scope, part: &Part, bytes: &[u8]) -> (usize, Option<Unscannable>) {
        let av = DatabaseBuilder::default().build();
        let examiners = scope.narrow(&av.examiners());
        let mut chain = Chain::open(&examiners, part, &Wanted::all(), &Limits::default());
        let mut found = Findings::new(8);
        for chunk in bytes.chunks(7) {
            chain.push(chunk, &mut found);
        }
        let outcome = chain.finish(&mut found);
        (found.as_slice().len(), outcome.unscannable)
    }

    fn media(kind: PartKind) -> Part {
        let mut part = Part::root(kind, None);
        part.declared_media = true;
        part
    }

    #[test]
    fn media_are_passed_over_unless_they_begin_like_something_else() {
        let all = Scope::default();
        let some = Scope::cloudflare(Plan::Free);
        for (scope, part, findings) in [
            (&all, media(PartKind::Png), 1),
            (&some, media(PartKind::Png), 0),
            (&some, media(PartKind::Unknown), 0),
            (&some, media(PartKind::Zip), 1),
            (&some, media(PartKind::Text), 0),
            (&some, media(PartKind::Xml), 1),
            (&some, Part::root(PartKind::Png, None), 1),
        ] {
            assert_eq!(scan(scope, &part, &eicar()), (findings, None), "{part:?}");
        }
    }

    #[test]
    fn what_is_beyond_a_limit_is_told_and_looked_at_all_the_same() {
        let mut scope = Scope::cloudflare(Plan::Free);
        scope.part_bytes_max = Some(67);
        let root = Part::root(PartKind::Text, None);
        assert_eq!(scan(&scope, &root, &eicar()), (1, Some(Unscannable::TooLarge)));
        scope.part_bytes_max = Some(68);
        assert_eq!(scan(&scope, &root, &eicar()), (1, None));
        let mut deep = root.clone();
        deep.depth = 4;
        assert_eq!(scan(&scope, &deep, &eicar()), (1, Some(Unscannable::TooDeep)));
        let member = |position| Part::member(PartId::new(9), &root, "tar:a".into(), position);
        assert_eq!(scan(&scope, &member(299), b"").1, None);
        assert_eq!(scan(&scope, &member(300), b"").1, Some(Unscannable::TooMany));
    }

    #[test]
    fn the_laws_of_inspectors_hold() {
        let mut scope = Scope::cloudflare(Plan::Enterprise);
        let options = Options { chunkings: 300, ..Options::default() };
        check_idle(&Bounds(scope.clone()), b"within the limits", &options).unwrap();
        scope.part_bytes_max = Some(5);
        check(&Bounds(scope), b"beyond the limits", &options).unwrap();
    }
}
