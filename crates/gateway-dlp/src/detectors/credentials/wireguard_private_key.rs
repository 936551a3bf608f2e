//! `wireguard_private_key`: WireGuard private key.
//!
//! **Format.** 42 characters of base64, one that ends 32 bytes, and its padding, assigned to a name
//! of at most 30 more characters; the name is no part of the finding. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** wg(8), configuration file format.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "wireguard_private_key",
    name: "WireGuard private key",
    summary: "WireGuard private key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["interface", "privatekey", "wireguard"],
    pattern: assigned!("private_?key|preshared_?key", "[0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]="),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"PrivateKey = "UGVxR8nxbZHIiUv5tT9z6Be1bsHeS0/gk8wNPSXZUoo=""#,
            &["UGVxR8nxbZHIiUv5tT9z6Be1bsHeS0/gk8wNPSXZUoo="],
        ),
        example(
            r#"{"PresharedKey": "necs71ccxN4jK9r/pmjWPpeiCgkEkSNpaKgVKzj6jhw="}"#,
            &["necs71ccxN4jK9r/pmjWPpeiCgkEkSNpaKgVKzj6jhw="],
        ),
        example("no name before it: UGVxR8nxbZHIiUv5tT9z6Be1bsHeS0/gk8wNPSXZUoo=", &[]),
        example(r#"PrivateKey = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxx=""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
