//! What a builder holds, made ready to scan.

use std::collections::BTreeSet;

use super::DatabaseBuilder;
use crate::compiled::{Compiled, indexed};
use crate::digest_set::DigestSet;
use crate::files::{Files, Share};

impl DatabaseBuilder {
    /// What stands so far without the signatures that have `ignored` names.
    pub(crate) fn compile_without(mut self, ignored: &BTreeSet<Box<str>>) -> Compiled {
        self.ignored.extend(ignored.iter().cloned());
        self.compile()
    }

    pub(crate) fn compile(self) -> Compiled {
        let held = self.len();
        let Self {
            limits,
            names,
            mut digests,
            mut bodies,
            mut late,
            mut members,
            types,
            ignored,
            mut report,
            mut shares,
            lines,
            blocks,
            heeded,
            ..
        } = self;
        let mut out_of_force = BTreeSet::new();
        if !ignored.is_empty() {
            let numbers = names.numbers(|name| ignored.contains(name));
            report.ignored = numbers.len() as u64;
            report.loaded = report.loaded.saturating_sub(report.ignored);
            let [files, sections, imports, _] = &mut digests;
            for rows in [files, sections, imports] {
                rows.remove(&numbers);
            }
            members.retain(|(number, _)| !numbers.contains(number));
            late.ignored.clone_from(&numbers);
            bodies.ignored.clone_from(&numbers);
            out_of_force = numbers;
        }
        for Share { signatures, report, .. } in &mut shares {
            let count = out_of_force.range(signatures.clone()).count() as u64;
            report.loaded = report.loaded.saturating_sub(count);
            report.ignored += count;
        }
        let lines = lines.build(|id| out_of_force.contains(&id));
        let blocks = blocks.build(|ids| out_of_force.range(ids).next().is_some());
        let loaded = Files { shares, ignored, held, lines, blocks, heeded };
        let names = names.build();
        let [files, sections, imports, exempt] = digests.map(DigestSet::new);
        let (bodies, indexes) = indexed(bodies);
        let (late, late_indexes) = indexed(late);
        Compiled {
            names,
            bodies,
            indexes,
            late,
            late_indexes,
            whole_bytes_max: limits.whole_bytes_max,
            types,
            files,
            sections,
            imports,
            exempt,
            members,
            report,
            loaded,
        }
    }
}
