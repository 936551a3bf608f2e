//! Signature files in, a scanner out.

use std::collections::BTreeSet;

use crate::anchor::Anchor;
use crate::blocks::BlockList;
use crate::body_line::{BodyLine, body_line};
use crate::body_set::{BodyList, Chain, Extent, Owner};
use crate::counting::Member;
use crate::digest_set::DigestRows;
use crate::file_types::FileTypes;
use crate::files::{Share, Ties};
use crate::follower::{Follower, Sight};
use crate::hash_line::{HashLine, hash_line, section_line};
use crate::known::{Known, Met};
use crate::line::{Fault, Parsed};
use crate::lines::LineList;
use crate::load_error::LoadError;
use crate::logical::Logical;
use crate::logical_line::{LogicalLine, logical_line};
use crate::member_line::{MemberLine, member_line};
use crate::names::NameList;
use crate::{Av, Report, image, lines};

mod compiling;
mod containers;
mod forms;
mod pieces;

pub use containers::ContainerInPieces;
use forms::{DIGESTS, Form, Of};
pub use pieces::FileInPieces;

/// Bounds on a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLimits {
    /// Bytes by which the bounded gaps, `{n-m}`, of a body from one unbounded gap to the next may
    /// make its length vary. Default 512: so many places are compared, at worst, for each byte of
    /// a hostile body. What needs more is counted as [`GapTooWide`](crate::Unsupported::GapTooWide).
    pub gap_bytes_max: usize,
    /// Bytes over which a body signature may look back: its length from one unbounded gap to the
    /// next, or its offset from the end. Default 8,192. What needs more is counted as
    /// [`TooLong`](crate::Unsupported::TooLong). Should stay well below
    /// [`window_bytes_max`](gateway_inspect::Limits::window_bytes_max).
    pub lookback_bytes_max: usize,
    /// Bytes of a part that are kept to search them for regular expressions, or to look at them as
    /// something else (`HandlerType`), while such a signature may be for it. Default 4 MiB. A part of
    /// more bytes in which the trigger of one holds is
    /// [`TooLarge`](gateway_inspect::Unscannable::TooLarge), and so is one of which more than 16 times as
    /// many bytes would have to be searched
    /// ([`WorkExceeded`](gateway_inspect::Unscannable::WorkExceeded)).
    pub whole_bytes_max: usize,
    /// Signatures in all files together. Default 20 million.
    pub signatures_max: usize,
    /// Bytes that a container may unpack to. Default 2 GiB.
    pub unpacked_bytes_max: usize,
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        Self {
            gap_bytes_max: 512,
            lookback_bytes_max: 8 << 10,
            whole_bytes_max: 4 << 20,
            signatures_max: 20_000_000,
            unpacked_bytes_max: 2 << 30,
        }
    }
}

/// Reads signature files, one by one, and builds an [`Av`] of them.
///
/// Loading is strict: a line that is not of the promised form refuses its whole file. A line of
/// good form whose kind of signature is not supported is counted, by reason.
#[derive(Clone, Debug, Default)]
pub struct DatabaseBuilder {
    limits: DatabaseLimits,
    names: NameList,
    /// Digests, by what they are of.
    digests: [DigestRows; DIGESTS],
    bodies: BodyList,
    /// Those of signatures that can be judged at the end of a part only.
    late: BodyList,
    members: Vec<(u32, MemberLine)>,
    types: FileTypes,
    ignored: BTreeSet<Box<str>>,
    report: Report,
    /// The files that were taken in.
    shares: Vec<Share>,
    /// Those of the file at work.
    ties: Ties,
    /// Of signatures that are no digests.
    lines: LineList,
    /// Of digests.
    blocks: BlockList,
    /// Signatures that others depend on.
    heeded: Vec<u32>,
    /// What need not be built, where this is to be laid upon a database.
    known: Option<Box<Known>>,
}

/// How much a builder holds at a time.
#[derive(Debug)]
struct Held {
    names: usize,
    digests: [[usize; 3]; DIGESTS],
    bodies: [Extent; 2],
    members: usize,
    types: usize,
    all: usize,
    met: Option<Met>,
}

impl DatabaseBuilder {
    /// A database without a signature, but for EICAR.
    #[must_use]
    pub fn new(limits: DatabaseLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes in the signature file `contents`. The extension of `name` says what form its lines
    /// have; the rest of it is for errors only:
    ///
    /// | extension | form | |
    /// |---|---|---|
    /// | `.cdb` | `name:container:size:name pattern:packed:unpacked:encrypted:position:*:*[:min[:max]]` | what a container says of a member; sizes are `*`, `n` or `n-m` |
    /// | `.fp .sfp` | as `.hdb` | nothing is found in a part of that digest; its name is for people |
    /// | `.ftm` | `0:offset:bytes:name:type:type[:min[:max]]` | what a part with those bytes is to `.ndb` and `.ldb` files |
    /// | `.hdb .hsb .hdu .hsu` | `digest:size:name[:min[:max]]` | MD5, SHA-1 or SHA-256 by length; size `*` with a level of 73 or more |
    /// | `.ign` | `database:line:name[:digest]` | a signature of that name, of any file, is not in force |
    /// | `.ign2` | `name[:digest]` | as above |
    /// | `.imp` | as `.hdb` | the digest and the length of what a Windows program imports |
    /// | `.ldb .ldu` | `name;attributes;expression;body;…` | attributes `Engine`, `Target`, `FileSize`, `EntryPoint`, `NumberOfSections`, `Container`, `Intermediates`, `HandlerType`; all operators; bodies with an offset before, and the modifiers `i`, `w`, `f`, `a` behind; regular expressions `trigger/expression/letters` |
    /// | `.mdb .msb .mdu .msu` | `size:digest:name[:min[:max]]` | of a section of a Windows program, PE32+ too |
    /// | `.cat .cbc .cfg .crb .gdb .idb .ioc .pdb .pwdb .wdb .yar .yara` | any | counted as [`File`](crate::Unsupported::File) |
    /// | `.ndb .ndu .sdb` | `name:target:offset:body[:min[:max]]` | offset `*`, `n`, `EOF-n`, `EP+n`, `EP-n`, `Sx+n`, `SL+n`, `SEx`, `VI`, each with `,maxshift`; body of hex digits, `?`, `*`, `{n-m}`, `[n-m]`, `(aa\|bb)`, `!(aa\|bb)`, `(B)`, `(L)`, `(W)` |
    ///
    /// Empty lines and those that begin with `#` are passed over.
    /// [`begin_file`](Self::begin_file) does the same without all of a file in memory.
    ///
    /// # Errors
    /// A name without a known extension, or the first line that is not as it should be. Nothing
    /// of the file is taken in then.
    pub fn add_file(&mut self, name: &str, contents: &[u8]) -> Result<Report, LoadError> {
        let mut file = self.begin_file(name)?;
        file.push(contents)?;
        file.finish()
    }

    fn held(&self) -> Held {
        Held {
            names: self.names.len(),
            digests: [0, 1, 2, 3].map(|of| self.digests.get(of).map_or([0; 3], DigestRows::extent)),
            bodies: [self.bodies.extent(), self.late.extent()],
            members: self.members.len(),
            types: self.types.0.len(),
            all: self.len(),
            met: self.known.as_ref().map(|known| known.state()),
        }
    }

    /// A file has been taken in as a whole, before which the builder held so much.
    fn take_in(&mut self, name: &str, before: &Held, report: &Report) {
        let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let signatures = number(before.names)..number(self.names.len());
        let ties = std::mem::take(&mut self.ties);
        let held = self.len().saturating_sub(before.all);
        self.shares.push(Share {
            name: name.into(),
            signatures,
            report: report.clone(),
            ties,
            held,
        });
        self.report.add(report);
    }

    fn truncate(&mut self, to: &Held) {
        self.ties = Ties::default();
        self.names.truncate(to.names);
        for (rows, extent) in self.digests.iter_mut().zip(to.digests) {
            rows.truncate(extent);
        }
        for (set, extent) in [&mut self.bodies, &mut self.late].into_iter().zip(to.bodies) {
            set.truncate(extent);
        }
        self.members.truncate(to.members);
        self.types.0.truncate(to.types);
        let names = u32::try_from(to.names).unwrap_or(u32::MAX);
        self.lines.truncate(names);
        self.blocks.truncate(names);
        self.heeded.retain(|id| *id < names);
        if let (Some(known), Some(met)) = (&mut self.known, &to.met) {
            known.restore(met);
        }
    }

    /// What loading came to so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What stands so far, made ready to scan. Takes time in proportion to what was loaded.
    #[must_use]
    pub fn build(self) -> Av {
        Av::new(self.compile())
    }

    /// What stands so far as an [image](crate::image), which is loaded faster than it was built.
    #[must_use]
    pub fn build_image(self) -> Vec<u8> {
        image::write(&self.compile())
    }

    /// What is to be laid upon a database, of which it need not build what is `known`.
    pub(crate) fn upon(limits: DatabaseLimits, known: Known) -> Self {
        Self { known: Some(Box::new(known)), ..Self::new(limits) }
    }

    /// What is known of the database that this is to be laid upon.
    pub(crate) fn known(&self) -> Option<&Known> {
        self.known.as_deref()
    }

    /// Whether it has more signatures than may be laid upon a database, so that no more are taken in.
    pub(crate) fn is_exceeded(&self) -> bool {
        let exceeds = |known: &Known| known.is_exceeded(self.names.len(), self.lines.len());
        self.known().is_some_and(exceeds)
    }

    /// The files that were taken in so far.
    pub(crate) fn shares(&self) -> &[Share] {
        &self.shares
    }

    pub(crate) const fn limits(&self) -> &DatabaseLimits {
        &self.limits
    }

    /// Signatures and what else counts as one.
    pub(crate) fn len(&self) -> usize {
        let [_, _, _, exempt] = &self.digests;
        let met = self.known().map_or(0, Known::met);
        self.names.len() + exempt.len() + self.types.0.len() + met
    }

    /// The id of the next signature.
    fn next_id(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// The line `number` is that of a signature that is called `name`, which is no digest: its id.
    fn name(&mut self, name: &str, number: u64) -> u32 {
        let id = self.names.push(name);
        self.lines.push(id, number);
        id
    }

    /// Signatures of any file depend on the line `number`.
    fn add_term(&mut self, number: u64) {
        self.ties.terms = lines::followed(self.ties.terms, number);
    }

    fn add_digest(&mut self, line: &[u8], of: Of) -> Result<Parsed<()>, Fault> {
        let parsed = match of {
            Of::Section => section_line(line)?,
            Of::File | Of::Imports | Of::Exempt => hash_line(line)?,
        };
        Ok(parsed.map(|(name, hash): (&str, HashLine)| {
            if let (Some(known), Some(set)) = (&mut self.known, of.set())
                && known.meet_digest(set, &hash, name)
            {
                return;
            }
            // What is exempt is never named.
            let number = if matches!(of, Of::Exempt) { u32::MAX } else { self.names.push(name) };
            if let Some(rows) = self.digests.get_mut(of as usize) {
                rows.push(hash, number);
            }
        }))
    }

    fn add_member(&mut self, line: &[u8], number: u64) -> Result<Parsed<()>, Fault> {
        Ok(member_line(line)?.map(|(name, member)| {
            let number = self.name(name, number);
            self.members.push((number, member));
        }))
    }

    fn add_body(&mut self, line: &[u8], number: u64) -> Result<Parsed<()>, Fault> {
        let parsed = body_line(line, &self.limits)?;
        Ok(parsed.map(|(name, body)| {
            let number = self.name(name, number);
            let BodyLine { target, anchor, links } = body;
            let (owner, anchor) = match anchor {
                Anchor::Grouped { group } => {
                    self.ties.ties = true;
                    self.heeded.push(number);
                    (Owner::Group { group, signature: number }, Anchor::ANYWHERE)
                }
                anchor => (Owner::Signature(number), anchor),
            };
            let is_late = matches!(anchor, Anchor::Late { .. });
            let set = if is_late { &mut self.late } else { &mut self.bodies };
            set.push(Chain { target, owner, anchor, links });
        }))
    }
}

impl DatabaseBuilder {
    fn add_logical(&mut self, line: &[u8], number: u64) -> Result<Parsed<()>, Fault> {
        let parsed = logical_line(line, &self.limits)?;
        Ok(
            parsed.map(|(name, logical)| {
                let is_late = logical.is_late();
                let LogicalLine {
                    target,
                    conditions,
                    expression,
                    bodies,
                    followers,
                    regexes,
                    members,
                } = logical;
                let signature = self.name(name, number);
                if conditions.handler.is_some() {
                    self.ties.ties = true;
                    self.heeded.push(signature);
                }
                let is_macro = |one: &Follower| matches!(one.sight, Sight::Group { .. });
                self.ties.ties |= followers.iter().any(is_macro);
                let set = if is_late { &mut self.late } else { &mut self.bodies };
                let logical = u32::try_from(set.logicals.len()).unwrap_or(u32::MAX);
                let (followers, regexes) = (followers.into(), regexes.into());
                let one = Logical {
                    signature,
                    target,
                    expression,
                    conditions,
                    followers,
                    regexes,
                    members,
                };
                set.logicals.push(one);
                for (member, anchor, links) in bodies {
                    let owner = Owner::Member(Member { logical, member });
                    set.push(Chain { target, owner, anchor, links });
                }
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LineError as E, Unsupported as U};

    const MD5: &str = "44d88612fea8a8f36de82e1278abb02f";

    /// What one line of a file comes to: loaded, left out, or wrong at a column.
    fn line(file: &str, line: &str) -> Result<Option<U>, (usize, E)> {
        let mut builder = DatabaseBuilder::default();
        match builder.add_file(file, format!("# comment\r\n\n{line}\r\n").as_bytes()) {
            Ok(report) => {
                assert_eq!(report.loaded + report.unsupported_total(), 1, "{line}");
                Ok(report.unsupported.into_keys().next())
            }
            Err(LoadError::Line { line: 3, column, reason, .. }) => Err((column, reason)),
            Err(error) => panic!("{line}: {error}"),
        }
    }

    #[test]
    fn hash_lines() {
        let sha1 = &"0123456789".repeat(4);
        let sha256 = &"0123456789abcdef".repeat(4);
        for (form, expected) in [
            (format!("{MD5}:68:Eicar"), Ok(None)),
            (format!("{}:68:Eicar", MD5.to_uppercase()), Ok(None)),
            (format!("{sha1}:1:a"), Ok(None)),
            (format!("{sha256}:18446744073709551615:a"), Ok(None)),
            (format!("{MD5}:*:a:73"), Ok(None)),
            (format!("{MD5}:*:a:73:255"), Ok(None)),
            (format!("{MD5}:68:a:240:240"), Ok(None)),
            (format!("{MD5}:68:a:241"), Ok(Some(U::FunctionalityLevel))),
            (format!("{MD5}:68:a:1:239"), Ok(Some(U::FunctionalityLevel))),
            (format!("{MD5}:*:a"), Err((37, E::WildcardLevel))),
            (format!("{MD5}:*:a:72"), Err((40, E::WildcardLevel))),
            (format!("{MD5}0:68:a"), Err((1, E::Digest))),
            ("xyz:68:a".into(), Err((1, E::Digest))),
            (MD5.to_owned(), Err((33, E::Separator))),
            (format!("{MD5}:0:a"), Err((34, E::Size))),
            (format!("{MD5}:-1:a"), Err((34, E::Size))),
            (format!("{MD5}:18446744073709551616:a"), Err((34, E::Size))),
            (format!("{MD5}:68x:a"), Err((36, E::Separator))),
            (format!("{MD5}:68"), Err((36, E::Separator))),
            (format!("{MD5}:68:"), Err((37, E::Name))),
            (format!("{MD5}:68:a b"), Err((38, E::End))),
            (format!("{MD5}:68:a:"), Err((39, E::Level))),
            (format!("{MD5}:68:a:1:2:3"), Err((42, E::End))),
        ] {
            for file in ["a.hdb", "a.hsb", "a.hdu", "a.hsu"] {
                assert_eq!(line(file, &form), expected, "{form}");
            }
        }
    }

    #[test]
    fn body_lines() {
        let long = |bytes| format!("a:0:*:{}", "61".repeat(bytes));
        let long: [&str; 2] = [&long(8192), &long(8193)];
        for (form, expected) in [
            ("a:0:*:6162", Ok(None)),
            ("a:0:*:61??62?3634?6162", Ok(None)),
            ("a:0:*:6162*6364{4}6566{-4}6768{4-}696a{1-4}6b6c{3-3}", Ok(None)),
            ("a:1:0:4D5A", Ok(None)),
            ("a:12:10,20:6162*6364:51:255", Ok(None)),
            ("a:0:EOF-10:6162", Ok(None)),
            ("a:0:EOF-10,2:6162", Ok(None)),
            (long[0], Ok(None)),
            (long[1], Ok(Some(U::TooLong))),
            ("a:0:*:6162{8189}63", Ok(None)),
            ("a:0:*:6162{8191}63", Ok(Some(U::TooLong))),
            ("a:0:*:6162{0-99999999999}6364", Ok(Some(U::TooLong))),
            ("a:0:*:6162{1-257}6364{-256}65*6162", Err((30, E::SubPartWithoutLiteral))),
            ("a:0:*:6162{1-257}6364{-256}6566", Ok(None)),
            ("a:0:*:6162{1-257}6364{-257}6566", Ok(Some(U::GapTooWide))),
            ("a:0:*:6162{1-257}6364*6162{-512}6566", Ok(None)),
            ("a:0:*:6162{99999999999-}6364", Ok(None)),
            ("a:0:EOF-8193:6162", Ok(Some(U::TooLong))),
            ("a:0:EOF-99:6162*6364", Ok(Some(U::EndOffsetWithGap))),
            ("a:0:EOF-99:6162{1-2}6364", Ok(Some(U::EndOffsetWithGap))),
            ("a:1:EP+0:6162", Ok(None)),
            ("a:1:EP-7,3:6162*6364", Ok(None)),
            ("a:9:S0+4:6162", Ok(None)),
            ("a:1:SL+4:6162", Ok(None)),
            ("a:1:SE2,3:6162", Ok(None)),
            ("a:6:EP+0:6162", Ok(None)),
            ("a:6:S0+4:6162", Ok(None)),
            ("a:6:SE0:6162*6364", Ok(None)),
            ("a:0:EP+0:6162", Err((5, E::OffsetTarget))),
            ("a:1:EP:6162", Err((5, E::Offset))),
            ("a:1:S+1:6162", Err((5, E::Offset))),
            ("a:1:SE:6162", Err((5, E::Offset))),
            ("a:1:VI:6162", Ok(None)),
            ("a:0:VI:6162", Err((5, E::OffsetTarget))),
            ("a:1:VIx:6162", Err((7, E::Offset))),
            ("a:1:$1$:6162", Ok(None)),
            ("a:0:$31:6162", Ok(None)),
            ("a:0:$32:6162", Err((5, E::Offset))),
            ("a:4:*:6162", Ok(Some(U::Target))),
            ("a:0:*:6162(63|64)", Ok(None)),
            ("a:0:*:!(63|64)6162", Ok(None)),
            ("a:0:*:(6364|65)6162(63(61|62)64|6?)", Ok(None)),
            ("a:0:*:(B)6162!(L)", Ok(None)),
            ("a:0:*:6162(L)62!(W)", Ok(None)),
            ("a:0:*:6162(B)*(W)6364", Ok(None)),
            ("a:0:*:6162(L)*6364", Ok(Some(U::BoundaryMark))),
            ("a:0:*:6162(B){1-2}6364", Ok(Some(U::BoundaryMark))),
            ("a:0:*:6162{1-2}(B)6364", Ok(Some(U::BoundaryMark))),
            ("a:0:*:6162!(L)63", Ok(Some(U::BoundaryMark))),
            ("a:0:*:61[2-4]6162[32]63", Ok(None)),
            ("a:0:5:6162[2-4]61", Ok(None)),
            ("a:0:5:61[2-4]6162", Ok(Some(U::AnchoredByte))),
            ("a:0:EOF-5:6162(63|6465)", Ok(Some(U::EndOffsetWithGap))),
            ("a:0:*:6162[2-33]61", Err((11, E::Reach))),
            ("a:0:*:6162[4-2]61", Err((11, E::Reach))),
            ("a:0:*:6162[2-4]6162", Err((20, E::Reach))),
            ("a:0:*:61[2-4]62", Err((16, E::SubPartWithoutLiteral))),
            ("a:0:*:(61|62)", Err((14, E::SubPartWithoutLiteral))),
            ("a:0:*:6162(63|)", Err((15, E::Alternatives))),
            ("a:0:*:6162(63|6", Err((15, E::Alternatives))),
            ("a:0:*:6162(63{1-2}|64)", Err((14, E::Alternatives))),
            ("a:0:*:6162!(63|6465)", Err((11, E::Negation))),
            ("a:0:*:6162!(6?|64)", Err((11, E::Negation))),
            ("a:0:*:6162!63", Err((11, E::Body))),
            // A line for other levels may be in a form of theirs.
            ("a:99:new:syntax:300", Ok(Some(U::FunctionalityLevel))),
            ("a:0:*:616", Err((10, E::Body))),
            ("a:0:*:6162zz", Err((11, E::Body))),
            ("a:0:*:6162 ", Err((11, E::Body))),
            ("a:0:*:", Err((7, E::EmptySubPart))),
            ("a:0:*:*6162", Err((7, E::EmptySubPart))),
            ("a:0:*:6162*", Err((12, E::EmptySubPart))),
            ("a:0:*:6162**6162", Err((12, E::EmptySubPart))),
            ("a:0:*:61??62", Err((13, E::SubPartWithoutLiteral))),
            ("a:0:*:6162*61?162", Err((18, E::SubPartWithoutLiteral))),
            ("a:0:*:6162*61*6162", Err((14, E::SubPartWithoutLiteral))),
            ("a:0:*:6162{4-3}6364", Err((11, E::Gap))),
            ("a:0:*:6162{}6364", Err((11, E::Gap))),
            ("a:0:*:6162{-}6364", Err((11, E::Gap))),
            ("a:0:*:6162{1-6364", Err((11, E::Gap))),
            ("a:0:*:6162{99999999999999999999}6364", Err((11, E::Gap))),
            ("a:15:*:6162", Err((3, E::Target))),
            ("a::*:6162", Err((3, E::Target))),
            ("a:1x:*:6162", Err((4, E::Target))),
            ("a:0::6162", Err((5, E::Offset))),
            ("a:0:-1:6162", Err((5, E::Offset))),
            ("a:0:EOF+1:6162", Err((5, E::Offset))),
            ("a:0:1,:6162", Err((6, E::Offset))),
            ("a:0:*:6162:x", Err((12, E::Level))),
            ("a:0:*:6162:1:2:3", Err((15, E::End))),
            ("a:0:*", Err((6, E::Separator))),
            (":0:*:6162", Err((1, E::Name))),
            ("\u{e4}:0:*:6162", Err((1, E::Name))),
        ] {
            for file in ["a.ndb", "a.ndu", "a.sdb"] {
                assert_eq!(line(file, form), expected, "{form}");
            }
        }
    }

    #[test]
    fn logical_lines() {
        for (form, expected) in [
            ("a;Target:0;0;6162", Ok(None)),
            ("a;Target:1;0&1|2;6162;0:6364;EOF-9:6566", Ok(None)),
            ("a;Engine:51-255,Target:0,FileSize:1-99;(0|1)>2,2;6162;6364::i", Ok(None)),
            ("a;Engine:51-255,Target:0;0=0;*:6162*6364::iwa", Ok(None)),
            ("a;Target:0;0;6162::f", Ok(None)),
            ("a;Engine:241-255,Target:99,New:1;!!;", Ok(Some(U::FunctionalityLevel))),
            ("a;Engine:51-255,Container:CL_TYPE_ZIP,Target:0;0;6162", Ok(None)),
            ("a;Engine:51-255,Container:CL_TYPE_X,Target:0;0;6162", Ok(Some(U::Container))),
            ("a;Engine:51-255,Container:ZIP,Target:0;0;6162", Err((27, E::FileType))),
            ("a;Engine:51-255,Target:1,EntryPoint:1-2,NumberOfSections:3-3;0;6162", Ok(None)),
            ("a;Engine:51-255,Target:1,EntryPoint:1;0;6162", Err((38, E::Attribute))),
            ("a;Engine:51-255,Target:1,IconGroup1:x;0;6162", Ok(Some(U::Attribute))),
            ("a;Engine:51-255,Target:0,Intermediates:CL_TYPE_GZ>CL_TYPE_ANY;0;6162", Ok(None)),
            (
                "a;Engine:51-255,Target:0,Intermediates:CL_TYPE_GZ>CL_TYPE_X;0;6162",
                Ok(Some(U::Container)),
            ),
            ("a;Engine:51-255,Target:0,Intermediates:CL_TYPE_GZ>;0;6162", Err((51, E::FileType))),
            ("a;Engine:51-255,Target:0,HandlerType:CL_TYPE_HTML;0;6162", Ok(None)),
            ("a;Engine:51-255,Target:0,HandlerType:CL_TYPE_ZIP;0;6162", Ok(Some(U::Attribute))),
            ("a;Engine:51-255,Target:0,HandlerType:HTML;0;6162", Err((38, E::FileType))),
            ("a;Target:0,HandlerType:CL_TYPE_HTML;0;6162", Err((3, E::Attribute))),
            ("a;Target:8;0;6162", Ok(Some(U::Target))),
            ("a;Target:1;0;EP+0:6162", Ok(None)),
            ("a;Target:6;0&1;EP+0:6162;SL+0:6162", Ok(None)),
            ("a;Target:6;0&1;SL+0:6162;0(>>2#ib1#=1)", Ok(Some(U::FollowsFollower))),
            ("a;Target:0;0;EP+0:6162", Err((14, E::OffsetTarget))),
            ("a;Target:0;0&1;6162;0/a;b/i", Ok(None)),
            ("a;Target:0;0&1&2;6162;3,9:0/a;\\/b/girex;0&1/x/", Ok(None)),
            ("a;Target:1;0&1;6162;EP+0,9:0/a/", Ok(None)),
            ("a;Target:0;0&1;6162;0/(a)\\1/", Ok(Some(U::RegexBackReference))),
            ("a;Target:0;0&1;6162;0/a(?=b)/", Ok(Some(U::RegexLookAround))),
            ("a;Target:0;0&1;6162;0/a++/", Ok(Some(U::RegexAtomic))),
            ("a;Target:0;0&1;6162;0/\\Ka/", Ok(Some(U::Regex))),
            ("a;Target:0;0&1;6162;0/(?:a{999}){999}/", Ok(Some(U::RegexTooLarge))),
            ("a;Target:0;0&1;6162;0/(a/", Err((23, E::Regex))),
            ("a;Target:0;0&1;6162;0//", Err((22, E::Regex))),
            ("a;Target:0;0&1;6162;0/a", Err((22, E::Regex))),
            ("a;Target:0;0&1;6162;0/a/q", Err((25, E::RegexLetter))),
            ("a;Target:0;0&1;6162;1/a/", Err((21, E::Trigger))),
            ("a;Target:0;0&1;6162;/a/", Err((21, E::Expression))),
            ("a;Target:0;0&1;6162;x:0/a/", Err((21, E::Offset))),
            ("a;Target:0;0&1;6162;EP+0:0/a/", Err((21, E::OffsetTarget))),
            ("a;Target:0;0&1&2;6162;0/a/;1(>>2#ib1#=1)", Ok(Some(U::FollowsFollower))),
            ("a;Target:0;0&1;6162;${6-7}12$", Ok(None)),
            ("a;Target:0;0&1;6162;${7-6}12$", Err((21, E::Macro))),
            ("a;Target:0;0&1;6162;${6-7}32$", Err((21, E::Macro))),
            ("a;Target:0;0&1;${6-7}12$;6162", Err((16, E::Macro))),
            ("a;Target:0;0&1;6162;${6-9999}12$", Ok(Some(U::TooLong))),
            ("a;Target:0;0&1&2;6162;${6-7}1$;${6-7}1$", Ok(Some(U::FollowsFollower))),
            ("a;Target:0;0&1;6162;0(>>26#hb2#=123)", Ok(None)),
            ("a;Target:0;0&1;6162;0(>>26#al2#=123)", Ok(Some(U::ByteCompare))),
            ("a;Target:0;0&1;6162;0(>>26#xb2#=123)", Err((21, E::ByteCompare))),
            ("a;Target:0;0&1;6162;2(>>26#hb2#=123)", Err((21, E::ByteCompare))),
            ("a;Target:0;0&1;6162;1(>>26#hb2#=123)", Ok(Some(U::FollowsFollower))),
            ("a;Target:0;0;fuzzy_img#af2ad01ed42993c7", Ok(Some(U::FuzzyImage))),
            ("a;Target:0;0;6162::wf", Ok(None)),
            ("a;Target:0;0;6162::awf", Ok(None)),
            ("a;Target:0;0;3:6162*6364::iwfa", Ok(None)),
            ("a;Target:0;0;(B)6162(L)63(W)::f", Ok(None)),
            ("a;Target:0;0;6162(W)63::w", Ok(Some(U::BoundaryMark))),
            ("a;Target:0;0;6162[1-2]63::w", Ok(None)),
            ("a;Target:0;0;6162[1-2]63::f", Err((25, E::SubPartWithoutLiteral))),
            ("a b;Target:0;0;6162", Err((1, E::Name))),
            (";Target:0;0;6162", Err((1, E::Name))),
            ("a", Err((2, E::Semicolon))),
            ("a;Target:0;0", Err((13, E::Semicolon))),
            ("a;Target;0;6162", Err((3, E::Attribute))),
            ("a;;0;6162", Err((3, E::Attribute))),
            ("a;Engine:51-255;0;6162", Err((3, E::Attribute))),
            ("a;Target:0,Engine:51-255;0;6162", Err((12, E::Attribute))),
            ("a;Target:0,FileSize:1-2;0;6162", Err((3, E::Attribute))),
            ("a;Engine:51-255,Target:0,FileSize:1;0;6162", Err((36, E::Attribute))),
            ("a;Target:15;0;6162", Err((10, E::Target))),
            ("a;Target:0;0&;6162", Err((14, E::Expression))),
            ("a;Target:0;0 ;6162", Err((13, E::Expression))),
            ("a;Target:0;0&1;6162", Err((20, E::Members))),
            ("a;Target:0;0;6162;6364", Err((19, E::Members))),
            ("a;Target:0;0;616z", Err((17, E::Body))),
            ("a;Target:0;0;6162:", Err((19, E::EmptySubPart))),
            ("a;Target:0;0;x:6162", Err((14, E::Offset))),
            ("a;Target:0;0;6162::ix", Err((21, E::Modifier))),
            ("a;Target:0;0;0:6162:i", Err((14, E::Body))),
        ] {
            for file in ["a.ldb", "a.ldu"] {
                assert_eq!(line(file, form), expected, "{form}");
            }
        }
    }

    #[test]
    fn section_lines() {
        for (form, expected) in [
            (format!("512:{MD5}:a"), Ok(None)),
            (format!("*:{MD5}:a:73"), Ok(None)),
            (format!("*:{MD5}:a"), Err((37, E::WildcardLevel))),
            (format!("0:{MD5}:a"), Err((1, E::Size))),
            (format!("{MD5}:512:a"), Err((3, E::Separator))),
            (format!("x:{MD5}:a"), Err((1, E::Size))),
            (format!("512:{MD5}1:a"), Err((5, E::Digest))),
            (format!("512:{MD5}:a:241"), Ok(Some(U::FunctionalityLevel))),
        ] {
            for file in ["a.mdb", "a.msb", "a.mdu", "a.msu"] {
                assert_eq!(line(file, &form), expected, "{form}");
            }
        }
    }

    #[test]
    fn member_lines() {
        for (form, expected) in [
            ("a:CL_TYPE_ZIP:*:\\.exe$:1-2:3:1:4:*:*", Ok(None)),
            ("a:*:*:*:*:*:*:*:*:*:51:255", Ok(None)),
            ("a:*:*:*:*:*:*:*:*:*:241", Ok(Some(U::FunctionalityLevel))),
            ("a:CL_TYPE_ARJ:*:*:*:*:*:*:*:*", Ok(None)),
            ("a:CL_TYPE_EGG:*:*:*:*:*:*:*:*", Ok(None)),
            ("a:CL_TYPE_AUTOIT:*:*:*:*:*:*:*:*", Ok(Some(U::Container))),
            ("a:*:*:*:*:*:*:*:12:*", Ok(Some(U::Checksum))),
            ("a:ZIP:*:*:*:*:*:*:*:*", Err((3, E::FileType))),
            ("a:*:x:*:*:*:*:*:*:*", Err((5, E::Range))),
            ("a:*:*:(:*:*:*:*:*:*", Err((7, E::NamePattern))),
            ("a:*:*:*:*:1-:*:*:*:*", Err((12, E::Range))),
            ("a:*:*:*:*:*:2:*:*:*", Err((13, E::Flag))),
            ("a:*:*:*:*:*:*:*", Err((16, E::Separator))),
            ("a:*:*:*:*:*:*:*:*:*:x", Err((21, E::Level))),
        ] {
            assert_eq!(line("a.cdb", form), expected, "{form}");
        }
    }

    #[test]
    fn every_kind_of_file_is_counted() {
        let digest = format!("{MD5}:68:a\n{MD5}:69:b:241");
        let section = format!("68:{MD5}:a\n69:{MD5}:b:241");
        let body = "a:0:*:6162\nb:4:*:6162\nc:1:VI:6162\nd:6:S1+0:6162\ne:11:*:6162";
        let logical = "a;Target:0;0;6162\nb;Target:0;0&1;6162;0/a/\n\
                       c;Target:0;0&1;6162;0/a(?!b)/\nd;Target:0;0;fuzzy_img#af2ad01ed42993c7";
        let types = "0:0:4d5a:x:CL_TYPE_ANY:CL_TYPE_MSEXE\n1:*:504b:x:CL_TYPE_ANY:CL_TYPE_ZIPSFX";
        let levels = "1 loaded, 1 unsupported (1 functionality level)";
        for (extensions, lines, report) in [
            (&["hdb", "hsb", "hdu", "hsu", "imp"][..], &*digest, levels),
            (&["mdb", "msb", "mdu", "msu"], &section, levels),
            (&["ndb", "ndu", "sdb"], body, "4 loaded, 1 unsupported (1 target)"),
            (
                &["ldb", "ldu"],
                logical,
                "2 loaded, 2 unsupported (1 fuzzy image, 1 regex with look-around)",
            ),
            (
                &["cdb"],
                "a:*:*:*:*:*:*:*:*:*\nb:*:*:*:*:*:*:*:12:*",
                "1 loaded, 1 unsupported (1 checksum)",
            ),
            (&["ftm"], types, "1 loaded, 1 unsupported (1 file type)"),
            (&["fp", "sfp"], &digest, "0 loaded, 1 unsupported (1 functionality level), 1 exempt"),
            (&["ign", "ign2"], "", "0 loaded, 0 unsupported"),
            (
                &["cat", "cfg", "crb", "gdb", "idb", "pdb", "pwdb", "wdb"],
                "one\n# no line\n\ntwo",
                "0 loaded, 2 unsupported (2 kind of file)",
            ),
            (
                &["cbc", "ioc", "yar", "yara"],
                "one\ntwo",
                "0 loaded, 1 unsupported (1 kind of file)",
            ),
        ] {
            for extension in extensions {
                let mut builder = DatabaseBuilder::default();
                let added = builder.add_file(&format!("a.{extension}"), lines.as_bytes()).unwrap();
                assert_eq!(added.to_string(), report, "{extension}");
                assert_eq!(builder.build().report(), &added, "{extension}");
            }
        }
    }

    #[test]
    fn errors_name_file_line_and_column() {
        let mut builder = DatabaseBuilder::default();
        let error = builder.add_file("b.ndb", b"a:0:*:6162\nb:0:*:6z").unwrap_err();
        let text = "b.ndb:2:8: expected two hex digits, `??`, `*`, `{n-m}`, `[n-m]` or `(aa|bb)`";
        assert_eq!(error.to_string(), text);
        let error = builder.add_file("b.cvd", b"").unwrap_err();
        assert_eq!(error, LoadError::Extension { file: "b.cvd".into() });
        let limits = DatabaseLimits { signatures_max: 1, ..DatabaseLimits::default() };
        let error = DatabaseBuilder::new(limits).add_file("b.ndb", b"a:0:*:6162\n\na:0:*:6162");
        let expected = LoadError::TooMany { file: "b.ndb".into(), line: 3, max: 1 };
        assert_eq!(error, Err(expected));
    }

    #[test]
    fn ignored_signatures_are_not_in_force() {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("a.ign2", format!("b\nd:{MD5}\nnone\n").as_bytes()).unwrap();
        builder.add_file("a.ndb", b"a:0:*:6162\nb:0:*:6162\n").unwrap();
        builder.add_file("a.ldb", b"c;Target:0;0=0;6364\nd;Target:0;0=0;6364\n").unwrap();
        let md5 = "900150983cd24fb0d6963f7d28e17f72"; // of "abc"
        builder.add_file("a.hdb", format!("{md5}:3:e\n{md5}:3:f").as_bytes()).unwrap();
        builder.add_file("a.ign", b"a.hdb:2:f\n").unwrap();
        let av = builder.build();
        assert_eq!(av.report().to_string(), "3 loaded, 0 unsupported, 3 ignored");
        let part = gateway_inspect::Part::root(gateway_inspect::PartKind::Unknown, None);
        let (wanted, limits) = (gateway_inspect::Wanted::all(), gateway_inspect::Limits::default());
        let mut chain = gateway_inspect::Chain::open(&av.examiners(), &part, &wanted, &limits);
        let mut found = gateway_inspect::Findings::new(9);
        chain.push(b"abc", &mut found);
        chain.finish(&mut found);
        let mut names: Vec<_> = found.drain().map(|finding| finding.entry.id.to_string()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "c", "e"]);
    }

    #[test]
    fn lines_of_ignored_signatures() {
        for (file, form, expected) in [
            ("a.ign2", "name", Ok(())),
            ("a.ign2", "name:44d88612fea8a8f36de82e1278abb02f", Ok(())),
            ("a.ign2", ":x", Err((1, E::Name))),
            ("a.ign2", "name:x y", Err((6, E::Digest))),
            ("a.ign", "daily.ndb:3:name", Ok(())),
            ("a.ign", "daily.ndb:3", Err((12, E::Separator))),
        ] {
            let mut builder = DatabaseBuilder::default();
            let added = match builder.add_file(file, form.as_bytes()) {
                Ok(report) => {
                    assert_eq!(report, Report::default());
                    Ok(())
                }
                Err(LoadError::Line { line: 1, column, reason, .. }) => Err((column, reason)),
                Err(error) => panic!("{form}: {error}"),
            };
            assert_eq!(added, expected, "{form}");
        }
    }

    #[test]
    fn a_refused_file_leaves_nothing_behind() {
        let mut builder = DatabaseBuilder::default();
        let good = format!("{MD5}:68:a\n{MD5}:69:b");
        builder.add_file("a.hdb", good.as_bytes()).unwrap();
        builder.add_file("a.hdb", format!("{good}\nbad").as_bytes()).unwrap_err();
        builder.add_file("a.ndb", b"a:0:*:6162\nb:0:*:61").unwrap_err();
        builder.add_file("a.ndb", b"a:0:*:6162\nb:4:*:6162\n").unwrap();
        assert_eq!((builder.names.len(), builder.bodies.segments.len()), (3, 1));
        let av = builder.build();
        assert_eq!(av.signatures(), 4);
        assert_eq!(av.report().to_string(), "3 loaded, 1 unsupported (1 target)");
    }
}
