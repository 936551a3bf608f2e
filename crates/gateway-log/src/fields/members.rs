//! The tables of the objects inside a record: a trail step, a file, a match.

use super::value::{Item, Object, Value, integer, list, text, visit_all, word};
use super::{DataSet, Field, FieldType, Unit};
use crate::record::{
    Action, Adaptation, DlpMatch, DlpProfileMatch, ExternalScan, FileSeen, SignatureMatch,
    TrailStep, UnscannablePart,
};

/// A member of an object is always this gateway's own.
const fn member<R>(
    name: &'static str,
    kind: FieldType,
    doc: &'static str,
    value: for<'a> fn(&'a R) -> Value<'a>,
) -> Field<R> {
    Field::new(DataSet::Gateway, name, kind, doc, value)
}

macro_rules! object {
    ($object:ty, $table:expr) => {
        impl Object for $object {
            fn each(&self, visit: &mut dyn FnMut(&'static str, Value<'_>)) {
                visit_all($table, self, visit);
            }
        }

        impl Item for $object {
            fn value(&self) -> Value<'_> {
                Value::Object(self)
            }
        }
    };
}

object!(Adaptation, ADAPTATION);
object!(TrailStep, TRAIL_STEP);
object!(DlpMatch, DLP_MATCH);
object!(DlpProfileMatch, DLP_PROFILE_MATCH);
object!(FileSeen, FILE_SEEN);
object!(ExternalScan, EXTERNAL_SCAN);
object!(SignatureMatch, SIGNATURE_MATCH);
object!(UnscannablePart, UNSCANNABLE_PART);

pub(super) static TRAIL_STEP: &[Field<TrailStep>] = &[
    member("Tier", FieldType::Text, "The tier in which the rule stands.", |s| text(&s.tier)),
    member("RuleID", FieldType::Text, "The rule's identifier.", |s| text(&s.rule_id)),
    member("RuleName", FieldType::Text, "The rule's name.", |s| text(&s.rule_name)),
    member("Action", FieldType::Text, "What the rule asks for.", |s| {
        word(s.action.map(Action::as_str))
    }),
    member("Phase", FieldType::Text, "The phase in which the match became certain.", |s| {
        text(&s.phase)
    }),
    member("Predicate", FieldType::Text, "The predicate that matched.", |s| text(&s.predicate)),
    member("Mode", FieldType::Text, "enforce, or log for a shadow rule.", |s| {
        word(Some(s.mode.as_str()))
    }),
    member("Headers", FieldType::Texts, "The header fields that the rule changed.", |s| {
        list(&s.headers)
    }),
];

pub(super) static DLP_PROFILE_MATCH: &[Field<DlpProfileMatch>] = &[
    member("Profile", FieldType::Text, "The profile's identifier.", |m| text(&m.profile)),
    member("Entry", FieldType::Text, "The entry's identifier.", |m| text(&m.entry)),
    member("Count", FieldType::Integer, "How often the entry matched.", |m: &DlpProfileMatch| {
        integer(Some(m.count))
    })
    .in_unit(Unit::Count),
    member(
        "Redacted",
        FieldType::Integer,
        "At how many places it was overwritten.",
        |m: &DlpProfileMatch| integer(Some(m.redacted).filter(|redacted| *redacted > 0)),
    )
    .in_unit(Unit::Count),
];

pub(super) static DLP_MATCH: &[Field<DlpMatch>] = &[
    member("Entry", FieldType::Text, "The entry's identifier.", |m| text(&m.entry)),
    member("Part", FieldType::Text, "The path of the part that holds it.", |m| text(&m.part)),
    member("Start", FieldType::Integer, "Where it begins in that part.", |m: &DlpMatch| {
        integer(Some(m.start))
    })
    .in_unit(Unit::Bytes),
    member("Shown", FieldType::Text, "What of it is shown, masked.", |m| text(&m.shown)),
];

pub(super) static FILE_SEEN: &[Field<FileSeen>] = &[
    member("Direction", FieldType::Text, "upload or download.", |f| {
        word(Some(f.direction.as_str()))
    }),
    member("Name", FieldType::Text, "The file's name.", |f| text(&f.name)),
    member("Type", FieldType::Text, "The file's type, by content.", |f| text(&f.kind)),
    member("Size", FieldType::Integer, "The file's length.", |f: &FileSeen| integer(f.bytes))
        .in_unit(Unit::Bytes),
    member("SHA256", FieldType::Text, "The file's SHA-256 in hexadecimal.", |f| text(&f.sha256)),
];

pub(super) static SIGNATURE_MATCH: &[Field<SignatureMatch>] = &[
    member("Direction", FieldType::Text, "upload or download.", |m| {
        word(Some(m.direction.as_str()))
    }),
    member("Name", FieldType::Text, "The signature's name.", |m| text(&m.name)),
    member("Part", FieldType::Text, "The path of the part that holds it.", |m| text(&m.part)),
    member("Scanner", FieldType::Text, "Who found it: gateway, or an external scanner.", |m| {
        text(&m.scanner)
    }),
];

pub(super) static EXTERNAL_SCAN: &[Field<ExternalScan>] = &[
    member("Direction", FieldType::Text, "upload or download.", |s| {
        word(Some(s.direction.as_str()))
    }),
    member("Scanner", FieldType::Text, "The scanner's name.", |s| text(&s.scanner)),
    member("Group", FieldType::Text, "The group of scanners that a rule named; or empty.", |s| {
        text(&s.group)
    }),
    member(
        "Verdict",
        FieldType::Text,
        "clean, declined, found, failed, pending or abandoned.",
        |s: &ExternalScan| word(Some(s.verdict.as_str())),
    ),
    member("Detail", FieldType::Text, "The signature found, or why there is no verdict.", |s| {
        text(&s.detail)
    }),
    member("Bytes", FieldType::Integer, "Bytes that it was given.", |s: &ExternalScan| {
        integer(Some(s.bytes))
    })
    .in_unit(Unit::Bytes),
    member(
        "DurationMs",
        FieldType::Integer,
        "From its first byte to its verdict.",
        |s: &ExternalScan| integer(Some(s.duration_ms)),
    )
    .in_unit(Unit::Milliseconds),
];

pub(super) static ADAPTATION: &[Field<Adaptation>] = &[
    member("Direction", FieldType::Text, "upload for a request, download for a response.", |a| {
        word(Some(a.direction.as_str()))
    }),
    member("Service", FieldType::Text, "The service's name.", |a| text(&a.service)),
    member(
        "Outcome",
        FieldType::Text,
        "unchanged, changed, answered, declined, bypassed, failed or abandoned.",
        |a| word(Some(a.outcome.as_str())),
    ),
    member("Detail", FieldType::Text, "Why it failed.", |a| text(&a.detail)),
    member("ISTag", FieldType::Text, "The state in which it answered.", |a| text(&a.istag)),
    member("Finding", FieldType::Text, "What it found, by its own name.", |a| text(&a.finding)),
    member("Bytes", FieldType::Integer, "Bytes that it was given.", |a: &Adaptation| {
        integer(Some(a.bytes))
    })
    .in_unit(Unit::Bytes),
    member(
        "DurationUs",
        FieldType::Integer,
        "From the offer to its last word.",
        |a: &Adaptation| integer(Some(a.duration_us)),
    )
    .in_unit(Unit::Microseconds),
];

pub(super) static UNSCANNABLE_PART: &[Field<UnscannablePart>] = &[
    member("Direction", FieldType::Text, "upload or download.", |p| {
        word(Some(p.direction.as_str()))
    }),
    member("Part", FieldType::Text, "The path of the part.", |p| text(&p.part)),
    member("Reason", FieldType::Text, "Why it could not be scanned.", |p| text(&p.reason)),
];
