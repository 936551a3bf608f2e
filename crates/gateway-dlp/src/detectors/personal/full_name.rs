//! `full_name`: names of persons in Latin letters.
//!
//! **Format.** A given name of a list of some 1,000, for some with a second one behind a hyphen, with
//! initials or one more name of the list, and a family name: a capital and small letters, also as in
//! `O'Neil`, `McKay`, `Smith-Jones` and `van der Berg`. Also `SMITH, John` with one of the 260 most
//! common names, cells (`John,Smith`) and fields (`"first_name": "John", "last_name": "Smith"`, or the
//! other way round, with any names). No letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** None. Family names that are words of business, places, months and the like (`River`,
//! `Hotel`, `Period`) are none, nor is what stands behind `San`. 170 given names that are words or
//! places as well (`Grace`, `Mark`, `Paris`) need a word such as `Mr` or `name:` right before them. In
//! capitals, between commas, or with the family name first, it needs one of these on the line, at most
//! 48 bytes before, or must be all that a field holds.
//!
//! **Source.** Common knowledge.
//!
//! **Confidence.** Low: names stand in any text. Medium where `name`, `patient`, `Mr` or the like
//! stands before it on the line.

use std::str;

use gateway_inspect::Confidence;

use super::given_names::with_given_names;
use super::not_family_names::is_no_family_name;
use crate::detectors::lead_in::{lead_in, lead_in_len};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test, is_named, is_named_right_before};

/// What a family name, or one that is not listed, may look like. The judge looks closer.
macro_rules! name {
    () => {
        r"[A-Z\xC3-\xC5][A-Za-z'\x80-\xC5\xE2-]{1,20}"
    };
}

/// What stands between two fields whose second one has a name such as `last_name`.
macro_rules! fields {
    ($which:literal) => {
        concat!(
            r#"(?:",[ \r\n\t]{0,12}"(?i:"#,
            $which,
            r#")[_ ]?(?i:name)"[ ]?:[ ]?"|&(?i:"#,
            $which,
            ")_?(?i:name)=)",
        )
    };
}

/// Defines the lists, and the pattern with all of their names.
macro_rules! define {
    (
        common: [$first:literal $(, $common:literal)* $(,)?],
        others: [$($other:literal),* $(,)?],
        words: [$($word:literal),* $(,)?],
    ) => {
        /// Names of very many people.
        const COMMON: &[&str] = &[$first $(, $common)*];

        /// Names that mean little else either.
        const OTHERS: &[&str] = &[$($other),*];

        /// Names that mean something else as well.
        const WORDS: &[&str] = &[$($word),*];

        // With the comma in each, the names are noticed behind one alone.
        const PATTERN: &str = concat!(
            lead_in!(),
            "(?:",
            "(?i:", $first $(, "|", $common)* $(, "|", $other)* $(, "|", $word)*, ")",
            "(?:-[A-Z][a-z]{1,12})?",
            r"(?:(?: [A-Z][.]?){1,2}| [A-Z\xC3-\xC5][a-z\x80-\xC5]{2,14})?",
            r#"(?:[ ,;|\t]|","|"#, fields!("family|last|sur"), ")",
            "(?:(?:[Aa]l|[Bb]in|[Dd](?:[aeiu]|[ao]s|e[lnr]|ella)|[Ll][ae]|[Tt]e[nr]|[Vv][ao]n|[Zz]u) ){0,2}",
            name!(),
            "|", name!(), "(?:(?:, ", $first $(, "|, ", $common)*, ")(?: [A-Z](?:[.]|[a-z]{2,14})?)?",
            "|", fields!("first|given"), name!(), r"))\b{end-half}",
        );
    };
}

with_given_names!(define);

/// What may stand between a given name and a family name, in small letters.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "dos", "du", "la", "le",
    "ten", "ter", "van", "von", "zu",
];

/// What says that a name follows.
const NAMES: &[&str] = &[
    "accountholder",
    "apellido",
    "applicant",
    "attn",
    "beneficiary",
    "cardholder",
    "client",
    "cognome",
    "contact",
    "contactname",
    "customer",
    "customername",
    "dear",
    "doctor",
    "dr",
    "employee",
    "employeename",
    "familyname",
    "firstname",
    "frau",
    "fullname",
    "givenname",
    "herr",
    "imię",
    "insured",
    "kunde",
    "lastname",
    "madame",
    "miss",
    "mme",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "naam",
    "nachname",
    "name",
    "nazwisko",
    "nom",
    "nombre",
    "nome",
    "patient",
    "patientname",
    "prof",
    "recipient",
    "signed",
    "sr",
    "sra",
    "surname",
    "vorname",
];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "full_name",
    name: "Full name",
    summary: "Names of persons in Latin letters, by some 1,000 given names and a family name",
    category: Category::Personal,
    keywords: NAMES,
    pattern: PATTERN,
    match_bytes_max: 128,
    validators: &[],
    test: Test::Near(judge),
    examples: &[
        example("as Peter Norvig wrote", &["Peter Norvig"]),
        example("Mr. Mark O'Neil, Dr John Q. McKay", &["Mark O'Neil", "John Q. McKay"]),
        example(
            "José María da Silva and Jean-Luc Picard",
            &["José María da Silva", "Jean-Luc Picard"],
        ),
        example(r#"{"name":"Grace Hopper"}"#, &["Grace Hopper"]),
        example("MUSTERMANN, Erika Anna", &["MUSTERMANN, Erika Anna"]),
        example("id,name\n1,\"Smith-Jones, John\"", &["Smith-Jones, John"]),
        example("7,Peter,Müller,Bonn", &["Peter,Müller"]),
        example(
            r#""first_name": "Anna", "last_name": "de Vries""#,
            &[r#"Anna", "last_name": "de Vries"#],
        ),
        example(r#"{"lastName":"Nguyen","firstName":"Thi"}"#, &[r#"Nguyen","firstName":"Thi"#]),
        example("lastName=Rossi&firstName=Marco", &["Rossi&firstName=Marco"]),
        example("NAME: JOHN SMITH", &["JOHN SMITH"]),
        example("this NAME MAY BE used", &[]),
        example("the Grace Period, Mark Twain, in May Friday", &[]),
        example("San Antonio Spurs, the Jordan River, a Paris Hotel", &[]),
        example("Peter said, Peter Street, Julian Date, Oscar Award", &[]),
        example("Quick Brown, Hello World", &[]),
        example("Hello, John and John, Paul", &[]),
        example("john smith, JOHN SMITH wrote, Johnny Fooé9", &[]),
    ],
};

/// How a name tells that it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// By one word behind the other.
    Plain,
    /// With something in capitals, a comma, or as cells.
    Loose,
    /// As fields that say so.
    Fields,
}

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let begins_letter = |byte: u8| matches!(byte, 0xC3..=0xC5);
    let is_behind_letter =
        lead == 0 && matches!(sample.before, [.., first, _] if begins_letter(*first));
    if is_behind_letter
        || sample.after.is_some_and(begins_letter)
        || sample.before.ends_with(b"San ")
    {
        return None;
    }
    let (given, form) = parse(str::from_utf8(sample.matched.get(lead..)?).ok()?)?;
    let is_told = form == Form::Fields || is_named(sample.before, NAMES);
    let is_sure = match form {
        Form::Plain | Form::Fields => true,
        Form::Loose => is_told || sample.fills_field(),
    };
    let may_be_word = || {
        let is_alone = form != Form::Loose || sample.fills_field();
        is_alone && is_named_right_before(sample.before, NAMES)
    };
    if !is_sure || (is_listed(WORDS, given) && !may_be_word()) {
        return None;
    }
    let confidence = if is_told { Confidence::Medium } else { Confidence::Low };
    Some(Judgement { confidence, lead, trail: 0 })
}

/// The given name of a full name, and how it tells that it is one.
fn parse(text: &str) -> Option<(&str, Form)> {
    let Some(at) = text.find([',', ';', '|', '\t', '"', '&']) else {
        let (given, family) = text.rsplit_once(' ')?;
        let (given, case) = given_names(without_particles(given))?;
        let is_title = case == Case::Title && family_name(family)? == Case::Title;
        return Some((given, if is_title { Form::Plain } else { Form::Loose }));
    };
    let (left, rest) = text.split_at(at);
    let value = rest.rfind(['"', '=']).map(|last| last + 1);
    let value = value.or_else(|| rest.find(|byte: char| !",;|\t ".contains(byte)))?;
    let (between, right) = rest.split_at(value);
    let form = form_of(between)?;
    let given_first = || {
        let (particles, family) = right.rsplit_once(' ').unwrap_or(("", right));
        let is_family = without_particles(particles).is_empty() && family_name(family).is_some();
        given_names(left).filter(|_| is_family && between != ", ")
    };
    let family_first = || {
        family_name(left)?;
        // Fields that say so need no name of the list.
        let named = || case_of(right).map(|case| (right, case));
        given_names(right).or_else(|| if form == Form::Fields { named() } else { None })
    };
    given_first().or_else(family_first).map(|(given, _)| (given, form))
}

/// What the text between both names tells; `None` if there is a third.
fn form_of(between: &str) -> Option<Form> {
    let count = |of: char| between.matches(of).count();
    match (count('"'), count('&'), count(':') + count('=')) {
        (0, 0, 0) | (2, 0, 0) => Some(Form::Loose),
        (4, 0, 1) | (0, 1, 1) => Some(Form::Fields),
        _ => None,
    }
}

/// How letters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// A capital, then small ones.
    Title,
    /// All capitals.
    Capitals,
}

/// The case of a word of letters, if it is one of both.
fn case_of(word: &str) -> Option<Case> {
    let mut letters = word.chars();
    let is_capital = letters.next().is_some_and(char::is_uppercase);
    let (small, capital) =
        (letters.clone().all(char::is_lowercase), letters.all(char::is_uppercase));
    match (is_capital, small, capital) {
        (true, true, false) => Some(Case::Title),
        (true, false, true) => Some(Case::Capitals),
        _ => None,
    }
}

/// The first of these given names, the others being initials or given names as well.
fn given_names(text: &str) -> Option<(&str, Case)> {
    let (first, others) = text.split_once(' ').unwrap_or((text, ""));
    let is_initial = |word: &str| {
        let letter = word.strip_suffix('.').unwrap_or(word);
        letter.chars().count() == 1 && letter.chars().all(char::is_uppercase)
    };
    let mut others = others.split(' ').filter(|word| !word.is_empty());
    let given = given_name(first)?;
    others.all(|word| is_initial(word) || given_name(word).is_some()).then_some(given)
}

/// The front of a given name with or without a second one behind a hyphen.
fn given_name(word: &str) -> Option<(&str, Case)> {
    let (name, second) = word.split_once('-').unwrap_or((word, ""));
    let case = case_of(name)?;
    let goes_with = second.is_empty() || case_of(second) == Some(case);
    let is_known = [COMMON, OTHERS, WORDS].into_iter().any(|list| is_listed(list, name));
    (goes_with && is_known).then_some((name, case))
}

/// Whether a name in capitals, or with one at its front, is in `list`.
fn is_listed(list: &[&str], name: &str) -> bool {
    let order = |listed: &&str| {
        let small = |byte: u8| byte.to_ascii_lowercase();
        listed.bytes().map(small).cmp(name.bytes().map(small))
    };
    list.binary_search_by(order).is_ok()
}

/// What is left of these words without the particles at their end.
fn without_particles(text: &str) -> &str {
    let mut left = text;
    loop {
        let (rest, last) = left.rsplit_once(' ').unwrap_or(("", left));
        let is_particle = PARTICLES.iter().any(|particle| particle.eq_ignore_ascii_case(last));
        if !is_particle {
            return left;
        }
        left = rest;
    }
}

/// The case of a family name.
fn family_name(name: &str) -> Option<Case> {
    let mut parts = name.split('-').map(|part| {
        let joint = ["O'", "D'", "L'", "O’", "D’", "L’", "Mc", "Mac"];
        let behind = joint.iter().find_map(|front| part.strip_prefix(front));
        let behind = behind.filter(|behind| behind.starts_with(char::is_uppercase));
        case_of(behind.unwrap_or(part))
    });
    let case = parts.next()??;
    let is_alike = parts.all(|part| part == Some(case));
    (is_alike && !is_no_family_name(name)).then_some(case)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_order() {
        let is_sorted = |list: &[&str]| list.is_sorted_by_key(|name| name.to_ascii_lowercase());
        assert!([COMMON, OTHERS, WORDS].into_iter().all(is_sorted));
        let is_twice = |name: &&&str| is_listed(COMMON, name) || is_listed(WORDS, name);
        assert_eq!(OTHERS.iter().find(is_twice), None);
        assert_eq!(WORDS.iter().find(|name| is_listed(COMMON, name)), None);
    }

    #[test]
    fn names_are_taken_apart() {
        let check = |text: &str, expected: Option<(&str, Form)>| {
            assert_eq!(parse(text), expected, "{text}");
        };
        check("John Smith", Some(("John", Form::Plain)));
        check("John Q. de la McKay", Some(("John", Form::Plain)));
        check("John SMITH", Some(("John", Form::Loose)));
        check("Jean-Luc Paul O’Neil-Smith", Some(("Jean", Form::Plain)));
        check("Smith, John", Some(("John", Form::Loose)));
        check("John, Smith", None);
        check("John,Smith", Some(("John", Form::Loose)));
        check("Smith,John,Boston", None);
        check("Smith\",\"John\",\"Boston", None);
        check("Smith\", \"first_name\": \"x", None);
        check("John&lastname=van Dyke", Some(("John", Form::Fields)));
        check("Smith\", \"first_name\": \"John", Some(("John", Form::Fields)));
        check("Nguyen&firstname=Thi", Some(("Thi", Form::Fields)));
        check("John Foo Smith", None);
        check("John Smith's", None);
        check("John S", None);
        check("John River", None);
    }
}
