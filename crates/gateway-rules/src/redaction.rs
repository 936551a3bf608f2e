//! What a rule with the action `redact` overwrites: findings of the profiles that its filter names, in
//! the bodies that it names them for.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::action::Otherwise;
use crate::program::{At, Op, Program, Scope};
use crate::scheme::{FieldId, Scheme};
use crate::subject::Subject;

/// What one rule has overwritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// In request bodies.
    pub upload: Named,
    /// In response bodies.
    pub download: Named,
    /// What becomes of a body in which something cannot be overwritten.
    pub otherwise: Otherwise,
}

/// Whose findings one rule has kept in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadLog {
    /// In request bodies.
    pub upload: Named,
    /// In response bodies.
    pub download: Named,
}

/// Profiles whose findings are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Named {
    /// None.
    #[default]
    Nothing,
    /// Those of these ids.
    Profiles(BTreeSet<Bytes>),
    /// All that match.
    All,
}

impl Named {
    /// Whether findings of the profile of this id are meant.
    #[must_use]
    pub fn contains(&self, profile: &[u8]) -> bool {
        match self {
            Self::Nothing => false,
            Self::Profiles(ids) => ids.contains(profile),
            Self::All => true,
        }
    }

    /// Adds those of `other`.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Nothing => {}
            Self::All => *self = Self::All,
            Self::Profiles(ids) => match self {
                Self::All => {}
                Self::Nothing => *self = other.clone(),
                Self::Profiles(known) => known.extend(ids.iter().cloned()),
            },
        }
    }

    /// Adds profiles, or all of them where the filter does not name any.
    fn add(&mut self, ids: Option<&[Bytes]>) {
        match (&mut *self, ids) {
            (Self::All, _) => {}
            (_, None) => *self = Self::All,
            (Self::Nothing, Some(ids)) => *self = Self::Profiles(ids.iter().cloned().collect()),
            (Self::Profiles(known), Some(ids)) => known.extend(ids.iter().cloned()),
        }
    }
}

/// The fields by which rules know of findings: the ids of profiles, and others.
const BOTH: [&str; 3] = ["dlp.profiles", "dlp.entries", "dlp.count"];
const UPLOAD: [&str; 4] =
    ["dlp.upload.profiles", "dlp.upload.entries", "dlp.upload.count", "dlp.prompt.profiles"];
const DOWNLOAD: [&str; 3] = ["dlp.download.profiles", "dlp.download.entries", "dlp.download.count"];

impl Redaction {
    /// What the expression at a node of `program` names; `None` where that is nothing.
    pub(crate) fn new(
        scheme: &Scheme,
        program: &Program,
        at: At,
        otherwise: Otherwise,
    ) -> Option<Self> {
        let (upload, download) = (Named::Nothing, Named::Nothing);
        let mut redaction = Self { upload, download, otherwise };
        redaction.read(scheme, program, at);
        let names_any =
            [&redaction.upload, &redaction.download].iter().any(|it| **it != Named::Nothing);
        names_any.then_some(redaction)
    }

    fn read(&mut self, scheme: &Scheme, program: &Program, at: At) {
        let Some(node) = program.nodes.get(at) else { return };
        if let Op::Quantified(_, Scope::Shared { subject: Subject::Place(place), ids: Some(ids) }) =
            &node.op
        {
            return self.add(scheme, place.field, Some(ids));
        }
        for field in node.fields() {
            self.add(scheme, field, None);
        }
        for child in program.children(at) {
            self.read(scheme, program, child);
        }
    }

    fn add(&mut self, scheme: &Scheme, field: FieldId, ids: Option<&[Bytes]>) {
        let name = scheme.field(field).map_or("", |field| field.name());
        // Names of entries are none of profiles.
        let ids = ids.filter(|_| name.ends_with(".profiles"));
        if BOTH.contains(&name) || UPLOAD.contains(&name) {
            self.upload.add(ids);
        }
        if BOTH.contains(&name) || DOWNLOAD.contains(&name) {
            self.download.add(ids);
        }
    }
}

impl PayloadLog {
    /// What the expression at a node of `program` names; `None` where that is nothing.
    pub(crate) fn new(scheme: &Scheme, program: &Program, at: At) -> Option<Self> {
        let Redaction { upload, download, .. } =
            Redaction::new(scheme, program, at, Otherwise::Allow)?;
        Some(Self { upload, download })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Layer, Options, Rule, RuleIndex, RuleSet};

    fn compiled(filter: &str) -> Result<RuleSet, String> {
        let rule = Rule::new("r", Layer::Http, Action::Redact(Otherwise::Block), filter);
        let rules = RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default());
        rules.map_err(|error| error.diagnostics[0].1.problem().code().to_owned())
    }

    fn named(ids: &[&str]) -> Named {
        Named::Profiles(ids.iter().map(|id| Bytes::copy_from_slice(id.as_bytes())).collect())
    }

    #[test]
    fn profiles_are_read_from_the_filter() {
        for (filter, upload, download) in [
            (r#"any(dlp.profiles[*] == "a")"#, named(&["a"]), named(&["a"])),
            (r#"any(dlp.upload.profiles[*] in {"a" "b"})"#, named(&["a", "b"]), Named::Nothing),
            (
                r#"any(dlp.upload.profiles[*] == "a") or any(dlp.download.profiles[*] == "b")"#,
                named(&["a"]),
                named(&["b"]),
            ),
            ("dlp.download.count > 2", Named::Nothing, Named::All),
            (r#"any(dlp.upload.entries[*] == "a")"#, Named::All, Named::Nothing),
            (r#"any(dlp.upload.profiles[*] == "a") and dlp.count > 2"#, Named::All, Named::All),
        ] {
            let rules = compiled(filter).expect(filter);
            let redaction = rules.redaction(RuleIndex(0)).expect(filter);
            assert_eq!((&redaction.upload, &redaction.download), (&upload, &download), "{filter}");
            assert!(rules.may_redact());
        }
        let mut all = named(&["a"]);
        all.merge(&Named::Nothing);
        all.merge(&named(&["b"]));
        assert_eq!(all, named(&["a", "b"]));
        all.merge(&Named::All);
        assert!(all == Named::All && all.contains(b"c"));
        let error = compiled(r#"http.request.host == "a""#).expect_err("names nothing");
        assert_eq!(error, "nothing-to-redact");
    }

    #[test]
    fn rules_may_have_kept_what_was_found() {
        let compiled = |filter: &str| {
            let rule = Rule::new("r", Layer::Http, Action::Block, filter);
            let rules = vec![rule.clone(), rule.logging_payload()];
            RuleSet::compile(&Scheme::gateway(), rules, &Options::default())
        };
        let rules = compiled(r#"any(dlp.upload.profiles[*] == "a")"#).expect("sound");
        assert!(rules.may_log_payload() && !rules.may_redact());
        let kept = PayloadLog { upload: named(&["a"]), download: Named::Nothing };
        assert_eq!(rules.payload_log(RuleIndex(1)).map(|kept| &**kept), Some(&kept));
        assert_eq!(rules.payload_log(RuleIndex(0)), None);
        let error = compiled(r#"http.request.host == "a""#).expect_err("names nothing");
        assert_eq!(error.diagnostics[0].1.problem().code(), "no-payload");
    }
}
