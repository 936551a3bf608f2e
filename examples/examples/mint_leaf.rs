//! Creates an authority and mints a leaf for a host, as an intercepting gateway does.
//!
//! `cargo run -p gateway-examples --example mint_leaf [HOST] > chain.pem`
//!
//! The keys are the same on every run, so what comes out is worth nothing: a gateway takes its
//! random bytes from the operating system.
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::env;
use std::error::Error;

use gateway_tls::{Authority, AuthorityRequest, LeafRequest, MintedLeaf, SigningKey};

/// 15 June 2025.
const NOW_UNIX_S: u64 = 1_750_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).unwrap_or_else(|| "www.example.com".into());
    let (authority, leaf) = mint(&host)?;
    let days = (leaf.not_after_unix_s - leaf.not_before_unix_s) / 86_400;
    println!("names: {}\nvalid: {days} days", leaf.names.join(", "));
    for (place, certificate) in leaf.chain.iter().enumerate() {
        println!("certificate {place}: {} bytes of DER", certificate.len());
    }
    print!("{}", authority.cert_pem());
    Ok(())
}

fn mint(host: &str) -> Result<(Authority, MintedLeaf), Box<dyn Error>> {
    let request = AuthorityRequest {
        common_name: "Example Gateway CA",
        now_unix_s: NOW_UNIX_S,
        validity_days: 365,
        serial: [1; 16],
    };
    let authority = Authority::create(&request, SigningKey::from_random_bytes(&[7; 32])?)?;

    // One leaf key serves all hosts; `origin` takes the origin's certificate, to mirror its names.
    let leaf_key = SigningKey::from_random_bytes(&[9; 32])?;
    let request = LeafRequest { host, origin: None, now_unix_s: NOW_UNIX_S, serial: [2; 16] };
    let leaf = authority.mint(&request, &leaf_key)?;
    Ok((authority, leaf))
}

#[test]
fn names_and_addresses() {
    let (authority, leaf) = mint("www.example.com").unwrap();
    assert_eq!(leaf.names, ["www.example.com"]);
    assert_eq!(leaf.chain[1], authority.cert_der());
    assert_eq!(mint("192.0.2.7").unwrap().1.names, ["192.0.2.7"]);
    assert!(mint("not a host").is_err());
}
