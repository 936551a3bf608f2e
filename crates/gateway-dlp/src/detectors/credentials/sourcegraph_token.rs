//! `sourcegraph_token`: Sourcegraph access token.
//!
//! **Format.** `sgp_`, for some 16 hexadecimal digits of an instance or `local` and `_`, and 40
//! hexadecimal digits; or `slk_` (Cody) and 64. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sourcegraph-access-token`; trufflehog,
//! `sourcegraphcody.go`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sourcegraph_token",
    name: "Sourcegraph access token",
    summary: "Sourcegraph access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["sourcegraph"],
    pattern: alone!("(?:sgp_(?:(?:[0-9A-Fa-f]{16}|local)_)?[0-9A-Fa-f]{40}|slk_[0-9a-f]{64})"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "SRC_ACCESS_TOKEN=slk_26543873f90efc5c31862fc6dabdf674a8eac4f064709d27fb0bf333712ed7c3",
            &["slk_26543873f90efc5c31862fc6dabdf674a8eac4f064709d27fb0bf333712ed7c3"],
        ),
        example(
            "SRC_ACCESS_TOKEN=sgp_4b832f7deff5083c027c22e1d196a138ed74d53a",
            &["sgp_4b832f7deff5083c027c22e1d196a138ed74d53a"],
        ),
        example(
            "export TOKEN=sgp_D0aa25b2EdE59782_51Bba9E97bE4EA94AD57Ac6cb8fda80AE07a8Abd\n",
            &["sgp_D0aa25b2EdE59782_51Bba9E97bE4EA94AD57Ac6cb8fda80AE07a8Abd"],
        ),
        example(
            r#"{"key":"sgp_3205BfAaDa5017C5_c24dBdd0bA09ae38C1b7DE069335bC91Cd9dfe59","id":7}"#,
            &["sgp_3205BfAaDa5017C5_c24dBdd0bA09ae38C1b7DE069335bC91Cd9dfe59"],
        ),
        example("cut short sgp_D0aa25b2EdE59782_51Bba9E97", &[]),
        example("a placeholder sgp_xxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
