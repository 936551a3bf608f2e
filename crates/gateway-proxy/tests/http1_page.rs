//! The tables in `docs/http1.md` are those of the code: of the checks, and of the duties.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed, and reads the page that it is about"
)]

use std::fmt::Write;
use std::path::Path;

use gateway_h1h2::h1::{Check, Severity};
use gateway_proxy::DUTIES;

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/http1.md");
    std::fs::read_to_string(page).unwrap()
}

fn checks() -> String {
    let mut table = String::from(
        "| check | by default | can be | refused with | source | what it finds |\n|---|---|---|---|---|---|\n",
    );
    for check in Check::ALL {
        let (id, default) = (check.id(), check.severity());
        let offered = Severity::ALL.into_iter().filter(|s| *s != default && check.offers(*s));
        let offered = offered.map(Severity::name).collect::<Vec<_>>().join(", ");
        let offered = if offered.is_empty() { "–".to_owned() } else { offered };
        let (status, source, doc) = (check.status().as_u16(), check.source(), check.doc());
        writeln!(table, "| `{id}` | {default} | {offered} | {status} | {source} | {doc} |")
            .unwrap();
    }
    table
}

fn duties() -> String {
    let mut table = String::from("| | source | about | what is done |\n|---|---|---|---|\n");
    for duty in DUTIES {
        writeln!(table, "| {} | {} | {} | {} |", duty.number, duty.source, duty.about, duty.done)
            .unwrap();
    }
    table
}

#[track_caller]
fn stands(page: &str, heading: &str, table: &str) {
    let Some((_, behind)) = page.split_once(&format!("\n## {heading}\n")) else {
        panic!("docs/http1.md has no section `{heading}`");
    };
    let section = behind.split("\n## ").next().unwrap();
    let lines: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).collect();
    let expected: Vec<&str> = table.lines().collect();
    assert_eq!(lines, expected, "under `{heading}` must stand:\n{table}");
}

#[test]
fn the_page_shows_the_tables_of_the_code() {
    let page = page();
    stands(&page, "Checks", &checks());
    stands(&page, "Duties", &duties());
}

#[test]
fn there_are_forty_checks_and_more_each_with_its_leeway() {
    assert!(Check::ALL.len() >= 40);
    let count = |severity| Check::ALL.iter().filter(|check| check.offers(severity)).count();
    assert_eq!(count(Severity::Reject), Check::ALL.len());
    assert!(count(Severity::Repair) > 10 && count(Severity::Observe) > 1);
}
