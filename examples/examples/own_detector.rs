//! A detector of your own: what it looks like, what must stand near it, what may be there.
//!
//! `cargo run -p gateway-examples --example own_detector [FILE]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::sync::Arc;
use std::{env, error::Error, fs};

use gateway_dlp::{Allowance, Conditions, Dlp, DlpBuilder, Limits, ProfileConfig, RegexEntry};
use gateway_inspect::{Chain, Confidence, Examiner, Findings, Part, PartKind, Place, Wanted};

const SAMPLE: &[u8] =
    b"The contract CTR-2026-004711 replaces contract CTR-2000-000000, a sample.\n";

fn main() -> Result<(), Box<dyn Error>> {
    let text = env::args().nth(1).map_or_else(|| Ok(SAMPLE.to_vec()), fs::read)?;
    for found in find(&contracts()?, &text) {
        println!("{}", String::from_utf8_lossy(found));
    }
    Ok(())
}

/// Numbers of contracts, where contracts are spoken of, without the numbers that manuals use.
fn contracts() -> Result<Dlp, Box<dyn Error>> {
    let of_manuals = Allowance { regexes: vec!["^CTR-2000-".into()], ..Default::default() };
    let conditions = Conditions {
        confidence: Confidence::High,
        keywords: vec!["contract".into(), "agreement".into()],
        allow: vec![Arc::new(of_manuals)],
        ..Default::default()
    };
    let pattern = r"\bCTR-20[0-9]{2}-[0-9]{6}\b";
    let entry =
        RegexEntry { conditions, ..RegexEntry::new("contract", "Contract number", pattern) };
    let profile = ProfileConfig::new("legal", ["contract"]);
    Ok(DlpBuilder::new().regex(entry).profile(profile).build(&Limits::default())?)
}

fn find<'a>(dlp: &Dlp, text: &'a [u8]) -> Vec<&'a [u8]> {
    let part = Part::root(PartKind::Text, None);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    let mut found = Findings::new(100);
    chain.push(text, &mut found);
    chain.finish(&mut found);
    let place = |place| match place {
        Place::Content { span, .. } => {
            text.get(span.start.as_u64() as usize..span.end.as_u64() as usize)
        }
        Place::Structural { .. } => None,
    };
    found.drain().filter_map(|finding| place(finding.place)).collect()
}

#[test]
fn the_number_of_a_contract_is_found_where_contracts_are_spoken_of() {
    let dlp = contracts().unwrap();
    assert_eq!(find(&dlp, SAMPLE), [b"CTR-2026-004711"]);
    assert!(find(&dlp, b"part CTR-2026-004711 of the machine").is_empty());
}
