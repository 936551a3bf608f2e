//! The conditions of one entry, compiled.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::keywords::Lexicon;
use super::regex::SmallRegex;
use crate::BuildError;
use crate::conditions::{
    Allowance, Characters, Conditions, Join, REACH, Required, Secret, Target, Visibility,
};
use crate::validate::entropy_bits;

/// What is asked of the matches of an entry.
pub(super) struct Demand {
    /// The pattern of the entry, where its groups matter.
    pattern: Option<SmallRegex>,
    secret: Secret,
    entropy_above: Option<f64>,
    characters: Characters,
    path: Option<SmallRegex>,
    allow: Vec<Arc<Allowed>>,
    /// Keywords of which one must be near, by number.
    pub(super) keywords: Vec<u32>,
    /// Other entries that must be near, by index.
    pub(super) required: Vec<(u32, Required)>,
    pub(super) visibility: Visibility,
}

/// An allowance, compiled.
pub(super) struct Allowed {
    regexes: Option<SmallRegex>,
    stop_words: Option<AhoCorasick>,
    paths: Option<SmallRegex>,
    target: Target,
    join: Join,
}

/// A match, and what is around it.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) bytes: &'a [u8],
    /// The index of the start of the match.
    pub(super) start: usize,
    /// The index of its end.
    pub(super) end: usize,
    /// The path of the part.
    pub(super) path: &'a [u8],
}

impl<'a> Around<'a> {
    fn matched(&self) -> &'a [u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The lines of the match, as far as is looked.
    fn line(&self) -> &'a [u8] {
        let low = self.start.saturating_sub(REACH);
        let before = self.bytes.get(low..self.start).unwrap_or_default();
        let from = before.iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let high = self.bytes.len().min(self.end.saturating_add(REACH));
        let after = self.bytes.get(self.end..high).unwrap_or_default();
        let to = after.iter().position(|byte| *byte == b'\n').map_or(high, |at| self.end + at);
        self.bytes.get(from..to).unwrap_or_default()
    }
}

impl Demand {
    /// # Errors
    /// What of `conditions` is wrong.
    pub(super) fn new(
        id: &str,
        pattern: &str,
        conditions: &Conditions,
        lexicon: &mut Lexicon,
        allowed: &mut BTreeMap<*const Allowance, Arc<Allowed>>,
    ) -> Result<Self, BuildError> {
        let wrong = |condition: &'static str| {
            move |reason| BuildError::Condition { entry: id.to_owned(), condition, reason }
        };
        let needs_groups = conditions.entropy_above.is_some()
            || conditions.characters != Characters::default()
            || !conditions.allow.is_empty();
        let pattern = match needs_groups && conditions.secret != Secret::Group(0) {
            true => Some(SmallRegex::any(&[pattern]).map_err(wrong("secret"))?),
            false => None,
        };
        if let (Some(pattern), Secret::Group(group)) = (&pattern, &conditions.secret)
            && *group >= pattern.groups_len()
        {
            return Err(wrong("secret")(format!("the pattern has no group {group}")));
        }
        let path = conditions.path.as_ref().map(|path| SmallRegex::any(&[path]));
        let mut allow = Vec::with_capacity(conditions.allow.len());
        for allowance in &conditions.allow {
            let compiled = match allowed.get(&Arc::as_ptr(allowance)) {
                Some(compiled) => Arc::clone(compiled),
                None => Arc::new(Allowed::new(allowance).map_err(wrong("allow"))?),
            };
            allowed.insert(Arc::as_ptr(allowance), Arc::clone(&compiled));
            allow.push(compiled);
        }
        Ok(Self {
            pattern,
            secret: conditions.secret.clone(),
            entropy_above: conditions.entropy_above,
            characters: conditions.characters,
            path: path.transpose().map_err(wrong("path"))?,
            allow,
            keywords: lexicon.ids(&conditions.keywords),
            required: Vec::new(),
            visibility: conditions.visibility,
        })
    }

    /// Whether more than the match itself is looked at.
    pub(super) fn looks_around(&self) -> bool {
        !self.keywords.is_empty() || self.allow.iter().any(|allowed| allowed.needs_line())
    }

    /// Whether the entry is looked for in a part of this path.
    pub(super) fn applies(&self, path: &[u8]) -> bool {
        self.path.as_ref().is_none_or(|wanted| wanted.is_match(path))
            && !self.allow.iter().any(|allowed| allowed.covers_path(path))
    }

    /// Whether the match fulfils what is asked of it alone.
    pub(super) fn accepts(&self, around: &Around<'_>) -> bool {
        let secret = self.secret(around);
        let enough = self.entropy_above.is_none_or(|bits| entropy_bits(secret) > bits);
        let own = |allowed: &&Arc<Allowed>| !allowed.needs_line();
        enough
            && self.characters.are_in(secret)
            && !self.allow.iter().filter(own).any(|allowed| allowed.covers(around, secret))
    }

    /// Whether the lines that the match lies in are allowed.
    pub(super) fn allows_line(&self, around: &Around<'_>) -> bool {
        let mut lines = self.allow.iter().filter(|allowed| allowed.needs_line()).peekable();
        if lines.peek().is_none() {
            return false;
        }
        let secret = self.secret(around);
        lines.any(|allowed| allowed.covers(around, secret))
    }

    fn secret<'a>(&self, around: &Around<'a>) -> &'a [u8] {
        let groups = self
            .pattern
            .as_ref()
            .and_then(|pattern| pattern.groups(around.bytes, around.start..around.end));
        let Some(groups) = groups else { return around.matched() };
        let slice = |range: Range<usize>| around.bytes.get(range).unwrap_or_default();
        let group = |index| groups.get_group(index).map(|span| slice(span.range()));
        let first = || {
            let all = (1..groups.group_len()).filter_map(group);
            all.into_iter().find(|text| !text.is_empty())
        };
        let secret = match &self.secret {
            Secret::Group(index) => Some(group(*index).unwrap_or_default()),
            Secret::First => first(),
            Secret::Named(name) => {
                groups.get_group_by_name(name).map(|span| slice(span.range())).or_else(first)
            }
        };
        secret.unwrap_or_else(|| around.matched())
    }
}

impl Allowed {
    fn new(allowance: &Allowance) -> Result<Self, String> {
        let any = |patterns: &Vec<String>| {
            (!patterns.is_empty()).then(|| SmallRegex::any(patterns)).transpose()
        };
        let words = &allowance.stop_words;
        let stop_words = (!words.is_empty())
            .then(|| AhoCorasick::builder().ascii_case_insensitive(true).build(words));
        Ok(Self {
            regexes: any(&allowance.regexes)?,
            stop_words: stop_words.transpose().map_err(|error| error.to_string())?,
            paths: any(&allowance.paths)?,
            target: allowance.target,
            join: allowance.join,
        })
    }

    fn needs_line(&self) -> bool {
        self.target == Target::Line && self.regexes.is_some()
    }

    fn is_path(&self, path: &[u8]) -> Option<bool> {
        self.paths.as_ref().map(|paths| !path.is_empty() && paths.is_match(path))
    }

    /// Whether it covers all matches in a part of this path.
    fn covers_path(&self, path: &[u8]) -> bool {
        let alone = self.regexes.is_none() && self.stop_words.is_none();
        self.is_path(path) == Some(true) && (self.join == Join::Any || alone)
    }

    fn covers(&self, around: &Around<'_>, secret: &[u8]) -> bool {
        let regexes = self.regexes.as_ref().map(|regexes| match self.target {
            Target::Secret => regexes.is_match(secret),
            Target::Match => regexes.is_match(around.matched()),
            Target::Line => regexes.is_match(around.line()),
        });
        let stop_words = self.stop_words.as_ref().map(|words| words.is_match(secret));
        let tests = [self.is_path(around.path), regexes, stop_words];
        let mut tests = tests.into_iter().flatten();
        match self.join {
            Join::Any => tests.any(|passes| passes),
            Join::All => {
                let mut passes = tests.peekable();
                passes.peek().is_some() && passes.all(|passes| passes)
            }
        }
    }
}
