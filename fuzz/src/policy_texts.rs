//! Texts that administrators write beside rules: schedules, values of header fields with variables,
//! files of countries, categories and applications.

use std::net::IpAddr;

use gateway_proxy::{Applications, CatalogFault, Categories, Countries};
use gateway_rules::{
    Action, Facts, HeaderChange, HeaderChanges, HeaderOperation, HeaderSide, Layer, Options, Rule,
    RuleSet, Schedule, Scheme, field, unix_seconds,
};

/// Seconds at which a schedule is asked.
const MOMENTS: [i64; 8] =
    [i64::MIN, -1, 0, 1_700_000_000, 1_774_746_000, 1_792_886_400, 253_402_300_800, i64::MAX];

/// The first byte chooses what the text is; the text goes up to the first NUL, behind which stands
/// what is asked about, or filled in.
pub fn policy_texts(data: &[u8]) {
    let [choice, rest @ ..] = data else { return };
    let cut = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let (text, behind) = (&rest[..cut], rest.get(cut + 1..).unwrap_or_default());
    let text = String::from_utf8_lossy(text);
    match choice % 4 {
        0 => schedule(&text),
        1 => header(&text, behind),
        2 => countries(&text, &String::from_utf8_lossy(behind)),
        _ => hosts(&text, &String::from_utf8_lossy(behind)),
    }
}

/// A time zone in the first line, then a day and its hours in each. What is read is written down and
/// read back as the same, and holds at the same times.
fn schedule(text: &str) {
    let _ = unix_seconds(text);
    let (zone, rest) = text.split_once('\n').unwrap_or((text, ""));
    let days = rest.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    let Ok(schedule) = Schedule::parse(zone, days) else { return };
    let told: Vec<(&str, String)> = schedule.days().collect();
    let again =
        Schedule::parse(schedule.time_zone(), told.iter().map(|(day, hours)| (*day, &**hours)));
    assert_eq!(again.as_ref(), Ok(&schedule));
    for moment in MOMENTS {
        let _ = schedule.holds_at(moment);
    }
}

/// A name in the first line, then the value. What is filled in never ends the line.
fn header(text: &str, filled: &[u8]) {
    let (name, value) = text.split_once('\n').unwrap_or(("X-A", text));
    let mut changes = HeaderChanges::default();
    changes.request.push(HeaderChange::new(HeaderOperation::Set, name, value));
    let rule = Rule::new("r", Layer::Http, Action::Allow, "true").changing(changes);
    let scheme = Scheme::gateway();
    let Ok(rules) = RuleSet::compile(&scheme, vec![rule], &Options::default()) else { return };
    let mut facts = Facts::new(&scheme);
    facts.set(field::IDENTITY_EMAIL, bytes::Bytes::copy_from_slice(filled));
    let decision = rules.decide(&facts, gateway_rules::Gate::RequestHead);
    let index = decision.trail().first().expect("the rule wins").rule;
    for due in rules.due_changes(index, HeaderSide::Request, "a.example", &facts) {
        let bytes = &due.value.bytes;
        assert!(bytes.iter().all(|b| (*b >= 0x20 && *b != 0x7f) || *b == b'\t'), "{bytes:?}");
        assert!(bytes.len() <= HeaderChanges::VALUE_BYTES_MAX);
    }
}

fn lines_are_there(faults: &[CatalogFault], text: &str) {
    assert!(!faults.is_empty());
    assert!(faults.iter().all(|fault| (1..=text.lines().count()).contains(&fault.line)));
}

fn countries(text: &str, asked: &str) {
    match Countries::parse(text) {
        Ok(countries) => {
            for address in asked.lines().filter_map(|line| line.parse::<IpAddr>().ok()) {
                let _ = countries.of(address).map(|country| country.continent());
            }
        }
        Err(faults) => lines_are_there(&faults, text),
    }
}

fn hosts(text: &str, asked: &str) {
    match Categories::parse(text) {
        Ok(categories) => {
            for host in asked.lines() {
                assert!(categories.of_host(host).count() <= categories.len());
            }
        }
        Err(faults) => lines_are_there(&faults, text),
    }
    match Applications::parse(text) {
        Ok(applications) => {
            for host in asked.lines() {
                assert!(applications.of_host(host).count() <= applications.len());
            }
        }
        Err(faults) => lines_are_there(&faults, text),
    }
}
