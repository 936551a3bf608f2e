//! What a detector's judge is shown: the bytes that its pattern matched, and those around them.

use gateway_inspect::Confidence;

/// Bytes before a match that a judge may look at.
pub(crate) const BEFORE_MAX: usize = 2;

/// Bytes that a pattern matched, with what is around them.
#[derive(Clone, Copy)]
pub(crate) struct Sample<'a> {
    /// Up to [`BEFORE_MAX`] bytes before the match.
    pub(crate) before: &'a [u8],
    /// What the pattern matched.
    pub(crate) matched: &'a [u8],
}

/// What a judge thinks of a sample that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// How sure it is.
    pub(crate) confidence: Confidence,
    /// Bytes at the front of the match that are no part of the finding.
    pub(crate) lead: usize,
}

/// Tells whether what a pattern matched is the real thing; `None` is no.
pub(crate) type Judge = fn(&Sample<'_>) -> Option<Judgement>;

/// Bytes before a match in which one of its names may stand.
const NAME_REACH: usize = 48;

/// What makes a match of a pattern a finding.
#[derive(Clone, Copy)]
pub(crate) enum Test {
    /// That the pattern matches; so sure is one of it.
    Pattern(Confidence),
    /// That a judge accepts it.
    Judge(Judge),
    /// That a judge accepts it, or that a name says what it is.
    Named(Named),
}

/// A judge of numbers that are told by their check digits, or by a name where these are not right:
/// some are given without, or are checked by no one.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    /// Whether all of it is right.
    pub(crate) right: Judge,
    /// Whether it may be one, its check digits left aside.
    pub(crate) form: Judge,
    /// One of these must stand before what `right` does not accept: words or phrases in lower case,
    /// the plural in `s` as well, in any case, on the same line and at most 48 bytes before it.
    pub(crate) names: &'static [&'static str],
}

impl Test {
    /// Whether the bytes of a match are looked at again.
    pub(crate) const fn is_judge(self) -> bool {
        matches!(self, Self::Judge(_) | Self::Named(_))
    }

    /// Bytes before a match that are looked at.
    pub(crate) const fn reach(self) -> usize {
        match self {
            Self::Pattern(_) => 0,
            Self::Judge(_) => BEFORE_MAX,
            Self::Named(_) => NAME_REACH,
        }
    }

    /// Whether what is found at these places of `bytes` was found for a name before it alone.
    pub(crate) fn rests_on_name(self, bytes: &[u8], start: usize, end: usize) -> bool {
        let Self::Named(Named { right, .. }) = self else { return false };
        let before = bytes.get(start.saturating_sub(BEFORE_MAX)..start).unwrap_or_default();
        let matched = bytes.get(start..end).unwrap_or_default();
        right(&Sample { before, matched }).is_none()
    }

    /// What is thought of a match, with the bytes before it as far as they are looked at.
    pub(crate) fn judge(self, before: &[u8], matched: &[u8]) -> Option<Judgement> {
        let near = before.get(before.len().saturating_sub(BEFORE_MAX)..).unwrap_or_default();
        let sample = Sample { before: near, matched };
        match self {
            Self::Pattern(confidence) => Judgement::whole(confidence),
            Self::Judge(judge) => judge(&sample),
            Self::Named(Named { right, form, names }) => right(&sample).or_else(|| {
                let judgement = form(&sample)?;
                is_named(before, names).then_some(judgement)
            }),
        }
    }
}

/// Whether the last line of `before` has one of `names` as a word of its own.
fn is_named(before: &[u8], names: &[&str]) -> bool {
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    names.iter().map(|name| name.as_bytes()).any(|name| {
        line.windows(name.len()).enumerate().any(|(at, text)| {
            let behind = line.get(at + name.len()..).unwrap_or_default();
            let behind =
                behind.strip_prefix(b"s").or_else(|| behind.strip_prefix(b"S")).unwrap_or(behind);
            let begins = at.checked_sub(1).is_none_or(|before| !joins(line.get(before)));
            text.eq_ignore_ascii_case(name) && begins && !joins(behind.first())
        })
    })
}

impl Judgement {
    /// The whole match is found, with `confidence`.
    pub(crate) const fn whole(confidence: Confidence) -> Option<Self> {
        Some(Self { confidence, lead: 0 })
    }
}

impl Sample<'_> {
    /// Whether the match is what stands behind the point of a decimal number.
    pub(crate) fn is_fraction(&self) -> bool {
        matches!(self.before, [.., digit, b'.'] if digit.is_ascii_digit())
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
    fn what_is_not_right_needs_a_name() {
        let test = Test::Named(Named {
            right: |sample| {
                if sample.matched == b"12" { Judgement::whole(Confidence::High) } else { None }
            },
            form: |sample| {
                if sample.matched == b"13" { Judgement::whole(Confidence::Low) } else { None }
            },
            names: &["no"],
        });
        let judge = |before: &str, matched: &str| {
            let judgement = test.judge(before.as_bytes(), matched.as_bytes());
            judgement.map(|judgement| judgement.confidence)
        };
        assert_eq!(judge("", "12"), Some(Confidence::High));
        assert_eq!(judge("no ", "12"), Some(Confidence::High));
        assert_eq!(judge("", "13"), None);
        assert_eq!(judge("no ", "13"), Some(Confidence::Low));
        assert_eq!(judge("no ", "14"), None);
    }
}
