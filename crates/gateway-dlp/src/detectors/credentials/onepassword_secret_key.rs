//! `onepassword_secret_key`: 1Password secret key.
//!
//! **Format.** `A3-`, six capitals or digits, and groups of six (or five and six more), five, five,
//! five and five, parted by dashes. No ASCII letter, digit or `_` may touch it, but an escape such
//! as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `1password-secret-key`. On the kind: 1Password,
//! "About your Secret Key".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "onepassword_secret_key",
    name: "1Password secret key",
    summary: "1Password secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["1password", "secret key"],
    pattern: alone!("A3-[0-9A-Z]{6}-(?:[0-9A-Z]{11}|[0-9A-Z]{6}-[0-9A-Z]{5})(?:-[0-9A-Z]{5}){3}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "A3-H2R728-S8CFDB7GTPW-MU3HF-N4G67-74TVN""#,
            &["A3-H2R728-S8CFDB7GTPW-MU3HF-N4G67-74TVN"],
        ),
        example(
            "export TOKEN=A3-HFJS21-DMNXAG-HO5ZZ-9PHON-6S28D-IZSZ2\n",
            &["A3-HFJS21-DMNXAG-HO5ZZ-9PHON-6S28D-IZSZ2"],
        ),
        example("cut short A3-H2R728-S8CFDB7GT", &[]),
        example("a placeholder A3-xxxxxx-xxxxxxxxxxx-xxxxx-xxxxx-xxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
