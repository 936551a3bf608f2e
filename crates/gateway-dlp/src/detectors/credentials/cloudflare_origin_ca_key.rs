//! `cloudflare_origin_ca_key`: Cloudflare origin CA key.
//!
//! **Format.** `v1.0-`, 24 hexadecimal digits, a dash and 146 more. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `cloudflare-origin-ca-key`. On the kind:
//! Cloudflare Fundamentals, "Origin CA keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudflare_origin_ca_key",
    name: "Cloudflare origin CA key",
    summary: "Cloudflare origin CA key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudflare", "origin"],
    pattern: r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}\b{end-half}",
    match_bytes_max: 192,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=v1.0-638d8d81414ecbfe3af7bf77-4547c65ef219e3af9d77bb7178c67287ecfe98306f188429634abbbfc234f5bac6a0d5d5ed7dcea6ac70633d4d8148c5c4d640cc936cf0a89d5180b34246714d73844593d85df0b8ea\n",
            &[
                "v1.0-638d8d81414ecbfe3af7bf77-4547c65ef219e3af9d77bb7178c67287ecfe98306f188429634abbbfc234f5bac6a0d5d5ed7dcea6ac70633d4d8148c5c4d640cc936cf0a89d5180b34246714d73844593d85df0b8ea",
            ],
        ),
        example(
            "Authorization: Bearer v1.0-7e3cfcb1d4200967830a9c7d-c00ba8670916d13fb3e19723d467bfc605b82bcd8d64e97acb5fbe0763a7efafc48448d7f4a94342184f4a6554087624afb782a84294df64193aca59ec307b0b04ecac224a4b591c0d",
            &[
                "v1.0-7e3cfcb1d4200967830a9c7d-c00ba8670916d13fb3e19723d467bfc605b82bcd8d64e97acb5fbe0763a7efafc48448d7f4a94342184f4a6554087624afb782a84294df64193aca59ec307b0b04ecac224a4b591c0d",
            ],
        ),
        example(
            "cut short v1.0-638d8d81414ecbfe3af7bf77-4547c65ef219e3af9d77bb7178c67287ecfe98306f188429634abbbfc2",
            &[],
        ),
        example(
            "a placeholder v1.0-xxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
