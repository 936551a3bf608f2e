//! What conditions and precision come to, at any chunking.

use gateway_inspect::conformance::{Options, check};
use gateway_inspect::{
    Chain, Confidence, Examiner, Findings, Part, PartKind, Place, Tally, Wanted,
};

use crate::scan::found;
use crate::{
    Adjustment, Allowance, Change, Conditions, Dlp, DlpBuilder, Exclusion, Instances, Join, Limits,
    PathEntry, Precision, ProfileConfig, Proximity, RegexEntry, Required, Secret, Target,
    Visibility,
};

fn entry(pattern: &str, conditions: Conditions) -> RegexEntry {
    RegexEntry { conditions, ..RegexEntry::new("e", "E", pattern) }
}

fn one(pattern: &str, conditions: Conditions) -> Dlp {
    let builder = DlpBuilder::new().regex(entry(pattern, conditions));
    builder.profile(ProfileConfig::new("p", ["e"])).build(&Limits::default()).unwrap()
}

/// What is found, and that it is the same at any chunking.
fn finds(dlp: &Dlp, text: &str, expected: &[&str]) {
    assert_eq!(found(dlp, text), expected, "{text}");
    let options = Options { chunkings: 200, ..Options::default() };
    let summary = check(dlp, text.as_bytes(), &options).unwrap();
    assert_eq!(summary.findings, expected.len(), "{text}");
}

#[test]
fn entropy_is_that_of_the_secret() {
    let conditions = || Conditions { entropy_above: Some(2.0), ..Conditions::default() };
    let first = one("key=(?:(x+)|([a-z]{8}))", conditions());
    finds(&first, "key=abcdefgh key=aabbaabb key=xx", &["key=abcdefgh"]);
    let group = Conditions { secret: Secret::Group(2), ..conditions() };
    let second = one("([a-z]{8})=([a-z]{8})", group);
    finds(&second, "abcdefgh=aaaaaaaa aaaaaaaa=abcdefgh", &["aaaaaaaa=abcdefgh"]);
    let named = Conditions { secret: Secret::Named("T".to_owned()), ..conditions() };
    let named = one("(aaaa)(?P<T>[a-z]{8})", named);
    finds(&named, "aaaaabcdefgh aaaaaaaaaaaa", &["aaaaabcdefgh"]);
}

#[test]
fn a_keyword_must_be_near() {
    let conditions = Conditions { keywords: vec!["Acme".to_owned()], ..Conditions::default() };
    let dlp = one("[0-9]{6}", conditions);
    finds(&dlp, "123456", &[]);
    finds(&dlp, "acme: 123456", &["123456"]);
    finds(&dlp, "123456 for ACME", &["123456"]);
    let far = |gap: usize| format!("123456{}acme", " ".repeat(gap));
    finds(&dlp, &far(1_020), &["123456"]);
    finds(&dlp, &far(1_021), &[]);
}

#[test]
fn allowed_values_are_passed_over() {
    let allow = |allowance: Allowance| Conditions {
        allow: vec![allowance.into()],
        ..Conditions::default()
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let plain = Allowance::default;
    let words = allow(Allowance { stop_words: texts(&["Example"]), ..plain() });
    finds(&one("k=([a-z]+)", words), "k=anexampleof k=real", &["k=real"]);
    let regexes = allow(Allowance { regexes: texts(&["^a+$"]), ..plain() });
    finds(&one("k=([a-z]+)", regexes), "k=aaa k=aab", &["k=aab"]);
    let line = Allowance { regexes: texts(&["nosec"]), target: Target::Line, ..plain() };
    finds(&one("k=([a-z]+)", allow(line)), "k=a # nosec\nk=b\n# nosec", &["k=b"]);
    let matched = Allowance { regexes: texts(&["^k=a"]), target: Target::Match, ..plain() };
    finds(&one("k=([a-z]+)", allow(matched)), "k=aa k=ba", &["k=ba"]);
    let all = Allowance {
        regexes: texts(&["^a"]),
        stop_words: texts(&["b"]),
        join: Join::All,
        ..plain()
    };
    finds(&one("k=([a-z]+)", allow(all)), "k=ab k=a k=b", &["k=a", "k=b"]);
}

#[test]
fn others_must_be_near() {
    let required = |lines_max, columns_max| Conditions {
        required: vec![Required { entry: "id".to_owned(), lines_max, columns_max }],
        ..Conditions::default()
    };
    let build = |conditions| {
        let id = RegexEntry::new("id", "Id", "ID[0-9]");
        let hidden = Conditions { visibility: Visibility::Hidden, ..Conditions::default() };
        DlpBuilder::new()
            .regex(entry("key[0-9]", conditions))
            .regex(RegexEntry { conditions: hidden, ..id })
            .profile(ProfileConfig::new("p", ["e", "id"]))
            .build(&Limits::default())
            .unwrap()
    };
    let near = build(required(None, None));
    finds(&near, "key1", &[]);
    finds(&near, "key1 ID1", &["key1"]);
    finds(&near, "ID1 key1", &["key1"]);
    finds(&near, &format!("ID1{}key1", ".".repeat(1_100)), &[]);
    let lines = build(required(Some(1), None));
    finds(&lines, "ID1\nkey1\n\n\nkey2", &["key1"]);
    let columns = build(required(None, Some(2)));
    finds(&columns, "ID1\n  key1\n    key2", &["key1"]);
}

#[test]
fn paths_decide_what_is_looked_for() {
    let allowance = Allowance { paths: vec![r"\.lock$".to_owned()], ..Allowance::default() };
    let conditions = Conditions {
        path: Some(r"\.(?:env|lock)$".to_owned()),
        allow: vec![allowance.into()],
        ..Conditions::default()
    };
    let p12 =
        PathEntry { id: "p12".to_owned(), name: "Keys".to_owned(), path: r"\.p12$".to_owned() };
    let dlp = DlpBuilder::new()
        .regex(entry("key", conditions))
        .path(p12)
        .profile(ProfileConfig::new("p", ["e", "p12"]))
        .build(&Limits::default())
        .unwrap();
    for (path, expected) in
        [("a.env", vec!["e"]), ("a.lock", vec![]), ("", vec![]), ("x/a.p12", vec!["p12"])]
    {
        let mut part = Part::root(PartKind::Text, None);
        part.name = path.to_owned();
        let mut findings = Findings::new(10);
        let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
        chain.push(b"key", &mut findings);
        chain.finish(&mut findings);
        let ids: Vec<_> = findings.as_slice().iter().map(|f| &*f.entry.id).collect();
        assert_eq!(ids, expected, "{path}");
    }
}

fn weighed(precision: Precision, text: &str) -> Vec<(String, Confidence)> {
    let profile = ProfileConfig { precision, ..ProfileConfig::new("p", ["us_ssn"]) };
    let dlp = DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap();
    let options = Options { chunkings: 200, ..Options::default() };
    check(&dlp, text.as_bytes(), &options).unwrap();
    let part = Part::root(PartKind::Text, None);
    let mut findings = Findings::new(10);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    for byte in text.as_bytes().chunks(1) {
        chain.push(byte, &mut findings);
    }
    chain.finish(&mut findings);
    let value = |place| match place {
        Place::Content { span, .. } => {
            text[span.start.as_u64() as usize..span.end.as_u64() as usize].to_owned()
        }
        Place::Structural { .. } => String::new(),
    };
    findings.drain().map(|finding| (value(finding.place), finding.confidence)).collect()
}

#[test]
fn keywords_near_make_findings_surer() {
    let proximity = |keywords: &[&str]| Precision {
        proximity: Some(Proximity {
            keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
            before_bytes: 20,
            after_bytes: 10,
        }),
        ..Precision::default()
    };
    let own = proximity(&[]);
    for (text, expected) in [
        ("536-22-1234", Confidence::Low),
        ("ssn 536-22-1234", Confidence::Medium),
        ("ssn ssn 536-22-1234", Confidence::Medium),
        ("SSN taxpayer 536-22-1234", Confidence::High),
        ("536-22-1234 is ssn", Confidence::Medium),
        ("536-22-1234 is for my ssn", Confidence::Low),
        ("assnx 536-22-1234", Confidence::Low),
        ("ssn                     536-22-1234", Confidence::Low),
    ] {
        assert_eq!(weighed(own.clone(), text), [("536-22-1234".to_owned(), expected)], "{text}");
    }
    let other = weighed(proximity(&["member no"]), "ssn 536-22-1234 member no");
    assert_eq!(other[0].1, Confidence::Medium);
    let least = Precision { confidence_min: Confidence::Medium, ..own };
    assert_eq!(weighed(least.clone(), "536-22-1234"), []);
    assert_eq!(weighed(least, "ssn 536-22-1234").len(), 1);
}

#[test]
fn adjustments_and_exclusions() {
    let adjust = |change| Precision {
        adjust: vec![Adjustment {
            pattern: "(?i)test".to_owned(),
            before_bytes: 10,
            after_bytes: 10,
            change,
        }],
        ..Precision::default()
    };
    let text = "Test 536-22-1234";
    assert_eq!(weighed(adjust(Change::Exclude), text), []);
    assert_eq!(weighed(adjust(Change::Exclude), "536-22-1234           test").len(), 1);
    assert_eq!(weighed(adjust(Change::Raise(1)), text)[0].1, Confidence::Medium);
    assert_eq!(weighed(adjust(Change::Set(Confidence::High)), text)[0].1, Confidence::High);
    assert_eq!(weighed(adjust(Change::Lower(1)), text)[0].1, Confidence::Low);
    for exclusion in
        [Exclusion::Words(vec!["536-22-1234".to_owned()]), Exclusion::Regex("^536".to_owned())]
    {
        let precision = Precision { exclude: vec![exclusion], ..Precision::default() };
        let found = weighed(precision, "536-22-1234 537-22-1234");
        assert_eq!(found, [("537-22-1234".to_owned(), Confidence::Low)]);
    }
}

#[test]
fn equal_values_count_once_where_instances_must_differ() {
    let precision = Precision { instances: Instances::Different, ..Precision::default() };
    let found = weighed(precision, "536-22-1234 536 22 1234 537-22-1234 536-22-1234");
    assert_eq!(found.len(), 2);
}

#[test]
fn each_profile_weighs_for_itself() {
    let strict = Precision { confidence_min: Confidence::High, ..Precision::default() };
    let dlp = DlpBuilder::new()
        .profile(ProfileConfig::new("all", ["us_ssn"]))
        .profile(ProfileConfig { precision: strict, ..ProfileConfig::new("sure", ["us_ssn"]) })
        .build(&Limits::default())
        .unwrap();
    let part = Part::root(PartKind::Text, None);
    let mut findings = Findings::new(10);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    chain.push(b"536-22-1234 ", &mut findings);
    chain.finish(&mut findings);
    let mut tally = Tally::default();
    findings.drain().for_each(|finding| tally.fold(&finding, None));
    assert_eq!(tally.profiles().map(|id| &**id).collect::<Vec<_>>(), ["all"]);
}

/// The ids and the confidences of what a scanner finds that is asked for `wanted`.
fn ids(dlp: &Dlp, wanted: &Wanted, text: &str) -> Vec<(String, Confidence)> {
    let part = Part::root(PartKind::Text, None);
    let mut findings = Findings::new(10);
    let mut chain = Chain::new(dlp.open(&part, wanted), &Default::default());
    chain.push(text.as_bytes(), &mut findings);
    chain.finish(&mut findings);
    findings.drain().map(|found| (found.entry.id.to_string(), found.confidence)).collect()
}

#[test]
fn what_is_required_is_looked_for_whoever_counts_it() {
    let required = |of: &str| Conditions {
        required: vec![Required { entry: of.to_owned(), lines_max: None, columns_max: None }],
        ..Conditions::default()
    };
    let id = RegexEntry { conditions: required("a"), ..RegexEntry::new("b", "B", "ID[0-9]") };
    let builder = DlpBuilder::new()
        .regex(entry("key[0-9]", required("b")))
        .regex(id)
        .regex(RegexEntry::new("a", "A", "X[0-9]"))
        .profile(ProfileConfig::new("one", ["e"]))
        .profile(ProfileConfig::new("two", ["a", "b"]));
    let dlp = builder.build(&Limits::default()).unwrap();
    let alone = builder.build_only(&["one"], &Limits::default()).unwrap();
    let (one, found) = (Wanted::from_iter(["dlp.one"]), [("e".to_owned(), Confidence::Medium)]);
    for text in ["key1 ID1 X1", "X1 ID1 key1"] {
        assert_eq!(ids(&dlp, &one, text), found, "{text}");
        assert_eq!(ids(&alone, &Wanted::all(), text), found, "{text}");
        assert_eq!(ids(&dlp, &Wanted::all(), text).len(), 3, "{text}");
    }
    assert_eq!(ids(&dlp, &one, "key1 ID1"), []);
    assert_eq!(alone.entries().map(|entry| &*entry.id).collect::<Vec<_>>(), ["e"]);
    assert_eq!(alone.profiles().map(|profile| &*profile.id).collect::<Vec<_>>(), ["one"]);
}

#[test]
fn what_is_required_is_decided_first_whatever_its_id() {
    let required = |of: &str| Conditions {
        required: vec![Required { entry: of.to_owned(), lines_max: None, columns_max: None }],
        ..Conditions::default()
    };
    let one = |id: &str, pattern: &str, of: &str| RegexEntry {
        conditions: required(of),
        ..RegexEntry::new(id, id, pattern)
    };
    // The last of a chain stands near the one before it alone.
    let gap = ".".repeat(900);
    let last = RegexEntry::new("m", "M", "last[0-9]");
    for [first, second] in [["a", "z"], ["z", "a"], ["n", "o"], ["o", "n"]] {
        let dlp = DlpBuilder::new()
            .regex(one(first, "first[0-9]", second))
            .regex(one(second, "second[0-9]", "m"))
            .regex(last.clone())
            .profile(ProfileConfig::new("p", [first, second, "m"]))
            .build(&Limits::default())
            .unwrap();
        for words in [["first1", "second1", "last1"], ["last1", "second1", "first1"]] {
            let text = words.join(&gap);
            assert_eq!(ids(&dlp, &Wanted::all(), &text).len(), 3, "{first} {second} {words:?}");
            let text = words[..2].join(&gap);
            assert!(
                !ids(&dlp, &Wanted::all(), &text).iter().any(|(id, _)| id == first),
                "{words:?}"
            );
        }
    }
    for of in ["a", "b"] {
        let error = DlpBuilder::new()
            .regex(one("a", "first[0-9]", of))
            .regex(one("b", "second[0-9]", "a"))
            .profile(ProfileConfig::new("p", ["a", "b"]))
            .build(&Limits::default())
            .unwrap_err();
        assert_eq!(error.to_string(), "entry `a` requires what requires it in turn");
    }
}

#[test]
fn profiles_weigh_alone_where_no_others_are_asked() {
    let adjustment = Adjustment {
        pattern: "(?i)test".to_owned(),
        before_bytes: 20,
        after_bytes: 0,
        change: Change::Exclude,
    };
    let adjust = Precision { adjust: vec![adjustment], ..Precision::default() };
    let near = Precision { proximity: Some(Proximity::default()), ..Precision::default() };
    let builder = DlpBuilder::new()
        .profile(ProfileConfig { precision: adjust, ..ProfileConfig::new("adj", ["us_ssn"]) })
        .profile(ProfileConfig { precision: near, ..ProfileConfig::new("near", ["us_ssn"]) })
        .profile(ProfileConfig::new("plain", ["us_ssn", "iban"]));
    let text = "Test ssn 536-22-1234";
    let found = |of: &[&str]| {
        let dlp = builder.build_only(of, &Limits::default()).unwrap();
        ids(&dlp, &Wanted::all(), text).into_iter().map(|(_, sure)| sure).collect::<Vec<_>>()
    };
    assert_eq!(found(&["adj"]), []);
    assert_eq!(found(&["plain"]), [Confidence::Low]);
    assert_eq!(found(&["adj", "plain"]), [Confidence::Low]);
    assert_eq!(found(&["near", "plain"]), [Confidence::Medium]);
    assert_eq!(found(&["none"]), []);
}

#[test]
fn wrong_conditions_are_named() {
    let error = |conditions, pattern: &str| {
        let builder = DlpBuilder::new().regex(entry(pattern, conditions));
        let built = builder.profile(ProfileConfig::new("p", ["e"])).build(&Limits::default());
        built.unwrap_err().to_string()
    };
    let allowance = Allowance { regexes: vec!["a(".to_owned()], ..Allowance::default() };
    let allow = Conditions { allow: vec![allowance.into()], ..Conditions::default() };
    assert_eq!(error(allow, "a"), "entry `e`: the condition `allow`: unclosed group");
    let group =
        Conditions { secret: Secret::Group(2), entropy_above: Some(1.0), ..Conditions::default() };
    assert_eq!(
        error(group, "(a)"),
        "entry `e`: the condition `secret`: the pattern has no group 2"
    );
    let required = Required { entry: "x".to_owned(), lines_max: None, columns_max: None };
    let required = Conditions { required: vec![required], ..Conditions::default() };
    assert_eq!(error(required, "a"), "entry `e` requires `x`, which no profile counts");
}
