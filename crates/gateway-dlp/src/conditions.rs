//! What a match of a regular expression must fulfil besides, to be found: plain data, as rule files
//! give it. Nothing is checked before [`DlpBuilder::build`](crate::DlpBuilder::build).

use std::sync::Arc;

use gateway_inspect::Confidence;

/// Bytes before and behind a match in which what it needs besides is looked for: keywords, other
/// entries, the rest of its line.
pub(crate) const REACH: usize = 1_024;

/// What a match must fulfil. The default asks for nothing.
///
/// Only when a match has been found, by its pattern alone, is it looked at: where it fails, what
/// lies within it is not found either.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// How sure a finding is. Default medium.
    pub confidence: Confidence,
    /// The part of the match that is the secret. Default [`Secret::First`].
    pub secret: Secret,
    /// Bits of entropy for each character that the secret must have more than.
    pub entropy_above: Option<f64>,
    /// Characters that the secret must have.
    pub characters: Characters,
    /// One of these must occur in the match, or within 1,024 bytes of it, in any case; none asks
    /// for nothing.
    pub keywords: Vec<String>,
    /// What the path of the part must match. A part without a name has the empty path.
    pub path: Option<String>,
    /// What is allowed to be there.
    pub allow: Vec<Arc<Allowance>>,
    /// Other entries that must all be found near it.
    pub required: Vec<Required>,
    /// Whether it is reported. Default [`Visibility::Reported`].
    pub visibility: Visibility,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            confidence: Confidence::Medium,
            secret: Secret::First,
            entropy_above: None,
            characters: Characters::default(),
            keywords: Vec::new(),
            path: None,
            allow: Vec::new(),
            required: Vec::new(),
            visibility: Visibility::Reported,
        }
    }
}

/// The part of a match that is the secret: what entropy and allow-lists are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Secret {
    /// The first group that matched something; the whole match where there is none.
    #[default]
    First,
    /// The group of this number; 0 is the whole match.
    Group(usize),
    /// The group of this name; as [`Secret::First`] where there is none.
    Named(String),
}

/// How many characters of a kind a secret must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Characters {
    /// ASCII digits.
    pub digits_min: usize,
    /// ASCII capital letters.
    pub upper_min: usize,
    /// ASCII small letters.
    pub lower_min: usize,
    /// Characters that are neither letters nor digits.
    pub special_min: usize,
}

impl Characters {
    /// Whether `secret` has enough of each kind.
    pub(crate) fn are_in(&self, secret: &[u8]) -> bool {
        let count = |is: fn(&u8) -> bool| secret.iter().filter(|byte| is(byte)).count();
        count(u8::is_ascii_digit) >= self.digits_min
            && count(u8::is_ascii_uppercase) >= self.upper_min
            && count(u8::is_ascii_lowercase) >= self.lower_min
            && count(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()) >= self.special_min
    }
}

/// What is allowed: a match that it covers is not found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Regular expressions, of which one must match the target.
    pub regexes: Vec<String>,
    /// Words of which the secret must hold one, in any case.
    pub stop_words: Vec<String>,
    /// Regular expressions of which one must match the path of the part.
    pub paths: Vec<String>,
    /// What the regular expressions are matched with.
    pub target: Target,
    /// Whether one of the three suffices.
    pub join: Join,
}

/// What the regular expressions of an allowance are matched with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The lines that the match lies in, up to 1,024 bytes to each side of it.
    Line,
}

/// Whether one kind of test suffices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// One does.
    #[default]
    Any,
    /// All kinds that have members must pass.
    All,
}

/// Another entry that must be found within 1,024 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Its id.
    pub entry: String,
    /// Lines that the starts may be apart.
    pub lines_max: Option<u32>,
    /// Columns that the starts may be apart, counted in bytes.
    pub columns_max: Option<u32>,
}

/// Whether an entry is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// It is.
    #[default]
    Reported,
    /// It only serves others that require it.
    Hidden,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_by_kind() {
        let needs = Characters { digits_min: 1, upper_min: 1, lower_min: 2, special_min: 1 };
        for (secret, expected) in [("aB1-a", true), ("aB1a", false), ("AB1-a", false), ("", false)]
        {
            assert_eq!(needs.are_in(secret.as_bytes()), expected, "{secret}");
        }
        assert!(Characters::default().are_in(b""));
    }
}
