//! What a detector's judge is shown: the bytes that its pattern matched, and those around them.

use gateway_inspect::Confidence;

/// Bytes before a match that a judge may look at.
pub(crate) const BEFORE_MAX: usize = 2;

/// Bytes that a pattern matched, with what is around them.
#[derive(Clone, Copy)]
pub(crate) struct Sample<'a> {
    /// Up to [`BEFORE_MAX`] bytes before the match; [`NAME_REACH`] for [`Test::Near`].
    pub(crate) before: &'a [u8],
    /// What the pattern matched.
    pub(crate) matched: &'a [u8],
    /// The byte behind the match; `None` at the end of the part. It is known where the pattern ends
    /// with an assertion about it, and to be looked at there only.
    pub(crate) after: Option<u8>,
}

/// What a judge thinks of a sample that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// How sure it is.
    pub(crate) confidence: Confidence,
    /// Bytes at the front of the match that are no part of the finding.
    pub(crate) lead: usize,
    /// Bytes at its end that are none either.
    pub(crate) trail: usize,
}

/// Tells whether what a pattern matched is the real thing; `None` is no.
pub(crate) type Judge = fn(&Sample<'_>) -> Option<Judgement>;

/// Tells whether what begins with the byte `first` behind these bytes, [`BEFORE_MAX`] of them or
/// fewer at the start of the part, is the end of something longer, whatever follows: nothing is
/// found then, and nothing more is looked at.
pub(crate) type IsEnd = fn(before: &[u8], first: u8) -> bool;

/// Tells how many letters and digits a number has that begins like these bytes, by its first two;
/// `None` if no number begins so.
pub(crate) type SizeOf = fn(begin: [u8; 2]) -> Option<usize>;

/// Where a match may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnlyEnd {
    /// Anywhere.
    Any,
    /// At this index and nowhere else; it may not be there yet.
    At(usize),
    /// Nothing is found that begins like this.
    Nowhere,
}

/// Bytes before a match in which one of its names may stand.
const NAME_REACH: usize = 48;

/// What makes a match of a pattern a finding.
#[derive(Clone, Copy)]
pub(crate) enum Test {
    /// That the pattern matches; so sure is one of it.
    Pattern(Confidence),
    /// That a judge accepts it.
    Judge(Judge),
    /// The same, where the judge is shown more of what stands before.
    Near(Judge),
    /// That it is no end of something longer, and a judge accepts it.
    Whole(Judge, IsEnd),
    /// The same, where the first bytes tell how long it is.
    Sized(Judge, IsEnd, SizeOf),
    /// That it has check digits that are right, or else that something says what it is.
    Named(Named),
    /// That something says what it is; its check digits, if it has any, are right in any case.
    Told(Named),
}

/// What makes a number a finding: its check digits, or where these are not right or there are none,
/// a form that little else has, a field of its own, or a name. Some numbers are given without check
/// digits that hold, or are checked by no one; in tables and forms the name is elsewhere. The first
/// judge that accepts it says how sure it is.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    /// Whether all of it is right.
    pub(crate) right: Judge,
    /// Whether its form alone tells what it is.
    pub(crate) anywhere: Judge,
    /// Whether it may be one where it is all that a field holds.
    pub(crate) alone: Judge,
    /// Whether it may be one where one of `names` stands before it. Or behind it: the pattern has
    /// what stands there as well, and the judge says that it is the trail.
    pub(crate) form: Judge,
    /// Words or phrases in lower case, the plural in `s` as well, in any case, on the same line and
    /// at most 48 bytes before it.
    pub(crate) names: &'static [&'static str],
}

impl Named {
    /// Nothing is accepted.
    pub(crate) const NOTHING: Self =
        Self { right: never, anywhere: never, alone: never, form: never, names: &[] };

    fn judge(&self, sample: &Sample<'_>, before: &[u8]) -> Option<Judgement> {
        let named = || {
            let judgement = (self.form)(sample)?;
            (judgement.trail > 0 || is_named(before, self.names)).then_some(judgement)
        };
        (self.right)(sample)
            .or_else(|| (self.anywhere)(sample))
            .or_else(|| if sample.fills_field() { (self.alone)(sample) } else { None })
            .or_else(named)
    }
}

const fn never(_: &Sample<'_>) -> Option<Judgement> {
    None
}

impl Test {
    /// Whether the bytes of a match are looked at again.
    pub(crate) const fn is_judge(self) -> bool {
        !matches!(self, Self::Pattern(_))
    }

    /// Bytes before a match that are looked at.
    pub(crate) const fn reach(self) -> usize {
        match self {
            Self::Pattern(_) => 0,
            Self::Judge(_) | Self::Whole(..) | Self::Sized(..) => BEFORE_MAX,
            Self::Near(_) | Self::Named(_) | Self::Told(_) => NAME_REACH,
        }
    }

    /// Whether nothing that begins with `first` behind these bytes is found, whatever follows.
    pub(crate) fn is_end(self, before: &[u8], first: u8) -> bool {
        match self {
            Self::Whole(_, is_end) | Self::Sized(_, is_end, _) => is_end(before, first),
            Self::Pattern(_) | Self::Judge(_) | Self::Near(_) | Self::Named(_) | Self::Told(_) => {
                false
            }
        }
    }

    /// Where a match may end that starts at the index `start` of `bytes`, as far as they tell.
    pub(crate) fn only_end(self, bytes: &[u8], start: Option<usize>) -> OnlyEnd {
        let Self::Sized(_, _, size_of) = self else { return OnlyEnd::Any };
        let number = start.and_then(|start| bytes.get(start..)).unwrap_or_default();
        // Behind an escape, which is part of the match, it does not matter.
        let (Some([one, two]), Some(start)) = (number.first_chunk(), start) else {
            return OnlyEnd::Any;
        };
        if !one.is_ascii_alphanumeric() {
            return OnlyEnd::Any;
        }
        let Some(size) = size_of([*one, *two]) else { return OnlyEnd::Nowhere };
        let mut own = number.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
        let last = own.nth(size.saturating_sub(1));
        // Where it ends is not there yet.
        last.map_or(OnlyEnd::At(usize::MAX), |(last, _)| OnlyEnd::At(start + last + 1))
    }

    /// Whether what is found at these places of `bytes` was found although its check digits are wrong.
    pub(crate) fn fails_checks(self, bytes: &[u8], start: usize, end: usize) -> bool {
        let Self::Named(Named { right, .. }) = self else { return false };
        let before = bytes.get(start.saturating_sub(BEFORE_MAX)..start).unwrap_or_default();
        let matched = bytes.get(start..end).unwrap_or_default();
        right(&Sample { before, matched, after: bytes.get(end).copied() }).is_none()
    }

    /// What is thought of a match of `bytes`.
    pub(crate) fn judge(self, bytes: &[u8], start: usize, end: usize) -> Option<Judgement> {
        let before = bytes.get(start.saturating_sub(self.reach())..start)?;
        let near = before.get(before.len().saturating_sub(BEFORE_MAX)..).unwrap_or_default();
        let after = bytes.get(end).copied();
        let sample = Sample { before: near, matched: bytes.get(start..end)?, after };
        match self {
            Self::Pattern(confidence) => Judgement::whole(confidence),
            Self::Judge(judge) => judge(&sample),
            Self::Near(judge) => judge(&Sample { before, ..sample }),
            Self::Whole(judge, _) | Self::Sized(judge, ..) => {
                let is_end = self.is_end(near, *sample.matched.first()?);
                if is_end { None } else { judge(&sample) }
            }
            Self::Named(named) | Self::Told(named) => named.judge(&sample, before),
        }
    }
}

/// Whether the last line of `before` has one of `names` as a word of its own.
pub(crate) fn is_named(before: &[u8], names: &[&str]) -> bool {
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    // Most often the last five bits of a byte tell that no name begins there, in any case.
    let bit = |byte: &u8| 1_u32 << (byte & 0x1F);
    let first = names.iter().filter_map(|name| name.as_bytes().first());
    let first = first.fold(0, |all, byte| all | bit(byte));
    let mut is_behind_word = false;
    line.iter().enumerate().any(|(at, byte)| {
        let begins = !is_behind_word && first & bit(byte) != 0;
        is_behind_word = byte.is_ascii_alphanumeric();
        let text = || line.get(at..).unwrap_or_default();
        begins && names.iter().any(|name| begins_with_name(text(), name.as_bytes()))
    })
}

/// Whether `before` ends with one of `names` as a word of its own, in any case, and at most eight
/// bytes that are no letters behind it.
pub(crate) fn is_named_right_before(before: &[u8], names: &[&str]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let Some(last) = before.iter().rposition(is_letter).filter(|at| before.len() - at <= 9) else {
        return false;
    };
    let line = before.get(..=last).unwrap_or_default();
    names.iter().any(|name| {
        let Some((front, word)) = line.split_at_checked(line.len().wrapping_sub(name.len())) else {
            return false;
        };
        word.eq_ignore_ascii_case(name.as_bytes()) && !front.last().is_some_and(is_letter)
    })
}

/// Whether `text` begins with `name` as a word of its own, or with its plural.
fn begins_with_name(text: &[u8], name: &[u8]) -> bool {
    // Most often the first byte tells.
    let is_like = |one: &u8, other: &u8| one.eq_ignore_ascii_case(other);
    if !text.first().zip(name.first()).is_some_and(|(one, other)| is_like(one, other)) {
        return false;
    }
    let Some((text, behind)) = text.split_at_checked(name.len()) else { return false };
    let behind = behind.strip_prefix(b"s").or_else(|| behind.strip_prefix(b"S")).unwrap_or(behind);
    let goes_on = behind.first().is_some_and(u8::is_ascii_alphanumeric);
    text.eq_ignore_ascii_case(name) && !goes_on
}

impl Judgement {
    /// The whole match is found, with `confidence`.
    pub(crate) const fn whole(confidence: Confidence) -> Option<Self> {
        Some(Self { confidence, lead: 0, trail: 0 })
    }
}

impl Sample<'_> {
    /// Whether the match is what stands behind the point of a decimal number.
    pub(crate) fn is_fraction(&self) -> bool {
        matches!(self.before, [.., digit, b'.'] if digit.is_ascii_digit())
    }

    /// Whether the match is all that a line, a cell, a string or a parameter holds; an escape at its
    /// front, which is part of the match, ends a line as well.
    pub(crate) fn fills_field(&self) -> bool {
        let begins = match (self.matched.first(), self.before.last()) {
            (Some(b'\\' | b'%'), _) | (_, None) => true,
            (_, Some(byte)) => b"\n\r\t,;|\"'>=&".contains(byte),
        };
        begins && self.after.is_none_or(|byte| b"\n\r\t,;|\"'<&\\".contains(&byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_before_on_the_same_line() {
        let check = |before: &str, expected| {
            assert_eq!(is_named(before.as_bytes(), &["gst", "voter no"]), expected, "{before}");
        };
        check("GST: ", true);
        check("their GSTs are ", true);
        check(r#"{"gst_number":""#, true);
        check("Voter No. ", true);
        check("gst\nnumber ", false);
        check("gstin ", false);
        check("agst ", false);
        check("gstss ", false);
        check("", false);
    }

    #[test]
    fn a_name_stands_right_before() {
        let check = |before: &str, expected| {
            assert_eq!(
                is_named_right_before(before.as_bytes(), &["mr", "name"]),
                expected,
                "{before}"
            );
        };
        check("Mr. ", true);
        check(r#"{"full_name": ""#, true);
        check("NAME\t\t= '", true);
        check("hmr ", false);
        check("name of ", false);
        check("name         ", false);
        check("mr", true);
        check("r", false);
        check("", false);
    }

    #[test]
    fn what_is_not_right_needs_a_name() {
        let test = Test::Named(Named {
            right: |sample| {
                if sample.matched == b"12" { Judgement::whole(Confidence::High) } else { None }
            },
            form: |sample| {
                if sample.matched == b"13" { Judgement::whole(Confidence::Low) } else { None }
            },
            names: &["no"],
            anywhere: |sample| {
                if sample.matched == b"16" { Judgement::whole(Confidence::Low) } else { None }
            },
            alone: |sample| {
                if sample.matched == b"15" { Judgement::whole(Confidence::Low) } else { None }
            },
        });
        let judge = |before: &str, matched: &str| {
            let bytes = [before, matched].concat();
            let judgement = test.judge(bytes.as_bytes(), before.len(), bytes.len());
            judgement.map(|judgement| judgement.confidence)
        };
        assert_eq!(judge("", "12"), Some(Confidence::High));
        assert_eq!(judge("no ", "12"), Some(Confidence::High));
        assert_eq!(judge("", "13"), None);
        assert_eq!(judge("no ", "13"), Some(Confidence::Low));
        assert_eq!(judge("no ", "14"), None);
        assert_eq!(judge("", "15"), Some(Confidence::Low));
        assert_eq!(judge("a,", "15"), Some(Confidence::Low));
        assert_eq!(judge("no ", "15"), None);
        assert_eq!(judge("a ", "16"), Some(Confidence::Low));
    }

    #[test]
    fn a_field_is_filled_up_to_what_parts_it_from_others() {
        let check = |before: &str, after: Option<u8>, expected| {
            let sample = Sample { before: before.as_bytes(), matched: b"12", after };
            assert_eq!(sample.fills_field(), expected, "{before} {after:?}");
        };
        check("", None, true);
        check(",\"", Some(b'"'), true);
        check("a=", Some(b'&'), true);
        check("d>", Some(b'<'), true);
        check(";", Some(b'\r'), true);
        check("a ", None, false);
        check(",", Some(b' '), false);
        check("-", Some(b','), false);
    }
}
