//! Scans bytes for malware signatures: the EICAR test file, which is always in, and two of our own
//! in the form of ClamAV's databases.
//!
//! `cargo run -p gateway-examples --example scan_for_eicar [FILE]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::error::Error;
use std::{env, fs};

use gateway_av::{DatabaseBuilder, LoadError, eicar};
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

/// `worm`, anything, `home`; and a file by its MD5 digest and size.
const BODIES: &[u8] = b"Own.Worm-1:0:*:776f726d*686f6d65\n";
const DIGESTS: &[u8] = b"5eb63bbbe01eeed093cb22bb8f5acdc3:11:Own.HelloWorld\n";

fn main() -> Result<(), Box<dyn Error>> {
    let bytes = env::args().nth(1).map_or_else(|| Ok(eicar().to_vec()), fs::read)?;
    match scan(&bytes)?.as_slice() {
        [] => println!("clean"),
        names => println!("found {}", names.join(", ")),
    }
    Ok(())
}

fn scan(bytes: &[u8]) -> Result<Vec<String>, LoadError> {
    let mut builder = DatabaseBuilder::default();
    builder.add_file("own.ndb", BODIES)?;
    builder.add_file("own.hdb", DIGESTS)?;
    let av = builder.build();

    let part = Part::root(PartKind::Unknown, Some(bytes.len() as u64));
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(100);
    for chunk in bytes.chunks(16 << 10) {
        chain.push(chunk, &mut found);
    }
    chain.finish(&mut found);
    Ok(found.drain().map(|finding| finding.entry.id.to_string()).collect())
}

#[test]
fn each_signature_is_found() {
    let eicar = eicar();
    for (bytes, names) in [
        (&eicar[..], &["Eicar-Test-Signature"][..]),
        (b"a worm that found its home", &["Own.Worm-1"]),
        (b"hello world", &["Own.HelloWorld"]),
        (b"Hello world", &[]),
    ] {
        assert_eq!(scan(bytes).unwrap(), names);
    }
}
