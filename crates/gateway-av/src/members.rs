//! The examiner of signatures over what the directory of a container says of a member (`.cdb`).
//!
//! It looks at no byte. What a container does not say matches nothing but `*`; only the size of a
//! member without its packing is counted where it is not declared.

use std::sync::Arc;

use gateway_inspect::{
    Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress, Reach, Wanted,
    Window,
};

use crate::SCANNER;
use crate::found::SIGNATURES_FOUND_MAX;
use crate::mask::Named;
use crate::member_line::{MemberLine, is_container};

/// Signatures of that kind, each with its id.
#[derive(Clone, Debug)]
pub(crate) struct MemberLayer {
    pub(crate) all: Arc<[(u32, MemberLine)]>,
    pub(crate) named: Named,
}

/// All of them, layer upon layer.
#[derive(Debug)]
pub(crate) struct Members(pub(crate) Arc<[MemberLayer]>);

impl MemberLine {
    /// Whether it is about `part`, whatever its size.
    fn is_about(&self, part: &Part) -> bool {
        let Some(container) = part.container else { return false };
        let holds = |range: &Option<std::ops::RangeInclusive<u64>>, size: Option<u64>| {
            range.as_ref().is_none_or(|range| size.is_some_and(|size| range.contains(&size)))
        };
        let kind = self
            .container
            .map_or_else(|| is_container(container.kind), |kind| kind == container.kind);
        kind && holds(&self.container_size, container.size)
            && holds(&self.packed_size, part.packed_size)
            && holds(&self.position, Some(u64::from(part.position) + 1))
            && self.encrypted.is_none_or(|encrypted| encrypted == part.encrypted)
            && self.name.as_ref().is_none_or(|name| name.is_match(part.own_name()))
    }

    fn allows(&self, size: u64) -> bool {
        self.size.as_ref().is_none_or(|sizes| sizes.contains(&size))
    }
}

impl Examiner for Members {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let Self(layers) = self;
        let is_empty = layers.iter().all(|layer| layer.all.is_empty());
        if is_empty || part.container.is_none() || !wanted.wants_any(SCANNER) {
            return None;
        }
        let fits = |line: &MemberLine| {
            line.is_about(part) && part.size.is_none_or(|size| line.allows(size))
        };
        let about = layers.iter().zip(0u32..).flat_map(|(layer, number)| {
            let all = layer.all.iter().zip(0u32..);
            let all = all.filter(|((_, line), _)| fits(line));
            let all = all.filter(|((signature, _), _)| !layer.named.mask.hides(*signature));
            all.map(move |(_, index)| (number, index))
        });
        let about: Vec<_> = about.take(SIGNATURES_FOUND_MAX).collect();
        if about.is_empty() {
            return None;
        }
        let sized = |(layer, index): &(u32, u32)| {
            let layer = layers.get(*layer as usize);
            let line = layer.and_then(|layer| layer.all.get(*index as usize));
            line.is_some_and(|(_, line)| line.size.is_some())
        };
        Some(Box::new(MemberInspector {
            part: part.id,
            waits: part.size.is_none() && about.iter().any(sized),
            layers: layers.clone(),
            about,
            seen: part.size.unwrap_or(0),
        }))
    }
}

/// Reports what was found when it was opened, or what is left of it once the size is known.
struct MemberInspector {
    part: PartId,
    layers: Arc<[MemberLayer]>,
    /// The signatures that are about the part: the number of the layer, and the index there.
    about: Vec<(u32, u32)>,
    /// Whether its size decides, and is not declared.
    waits: bool,
    /// Bytes of the part: declared, or seen so far.
    seen: u64,
}

impl MemberInspector {
    fn report(&self, at: Offset, found: &mut Findings) -> Outcome {
        let mut outcome = Outcome::Clean;
        for (layer, index) in &self.about {
            let Some(layer) = self.layers.get(*layer as usize) else { continue };
            let Some((signature, line)) = layer.all.get(*index as usize) else { continue };
            if line.allows(self.seen)
                && let Some(entry) = layer.named.entry(*signature)
            {
                found.push(Finding::structural(entry, self.part, at));
                outcome = Outcome::Found;
            }
        }
        outcome
    }
}

impl Inspector for MemberInspector {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>() + 2 * SIGNATURES_FOUND_MAX * size_of::<(u32, u32)>()
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        if !self.waits {
            return Progress::Done(self.report(Offset::ZERO, found));
        }
        self.seen = self.seen.saturating_add(window.fresh().len() as u64);
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        self.report(if self.waits { tail.end() } else { Offset::ZERO }, found)
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::PartKind;
    use gateway_inspect::conformance::{Options, check};

    use super::*;
    use crate::DatabaseBuilder;

    fn member() -> Part {
        let container = Part::root(PartKind::Zip, Some(900));
        let mut part = Part::member(PartId::new(1), &container, "zip:in/a.exe".into(), 2);
        part.packed_size = Some(20);
        part
    }

    #[test]
    fn members_are_told_by_what_their_container_says() {
        for (fields, size, found) in [
            ("*:*:*:*:*:*:*", None, true),
            ("CL_TYPE_ZIP:900:\\.exe$:20:43:0:3", Some(43), true),
            ("CL_TYPE_ZIP:900:\\.exe$:20:43:0:3", None, true),
            ("*:800-1000:^in/:1-20:40-50:*:1-3", None, true),
            ("*:*:*:*:44:*:*", None, false),
            ("*:*:*:*:44:*:*", Some(43), false),
            ("CL_TYPE_MSCAB:*:*:*:*:*:*", None, false),
            ("*:901:*:*:*:*:*", None, false),
            ("*:*:^a:*:*:*:*", None, false),
            ("*:*:*:21:*:*:*", None, false),
            ("*:*:*:*:*:1:*", None, false),
            ("*:*:*:*:*:*:2", None, false),
        ] {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("t.cdb", format!("a:{fields}:*:*").as_bytes()).unwrap();
            let [_, _, _, _, members, ..] = builder.build().lowest_examiners();
            let mut part = member();
            part.size = size;
            let opened = members.open(&part, &Wanted::all()).is_some();
            let options = Options { part, chunkings: 50, ..Options::default() };
            let count =
                if opened { check(&*members, &[b'x'; 43], &options).unwrap().findings } else { 0 };
            assert_eq!(count, usize::from(found), "{fields} {size:?}");
            assert!(members.open(&Part::root(PartKind::Zip, Some(43)), &Wanted::all()).is_none());
        }
    }
}
