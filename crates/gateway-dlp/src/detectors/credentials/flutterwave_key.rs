//! `flutterwave_key`: Flutterwave secret key.
//!
//! **Format.** `FLWSECK-` or `FLWSECK_TEST-`, 32 letters or digits in lower case and, for most,
//! `-X`; or 12 hexadecimal digits, as keys of encryption have. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `flutterwave-secret-key`. On the kind:
//! Flutterwave, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "flutterwave_key",
    name: "Flutterwave secret key",
    summary: "Flutterwave secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["flutterwave"],
    pattern: r"FLWSECK(?:_TEST)?-(?:[0-9a-z]{32}(?:-X)?|[0-9a-f]{12})\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "FLWSECK-tajsymyh9m0tgl5u3hlomqmly71xmggj-X""#,
            &["FLWSECK-tajsymyh9m0tgl5u3hlomqmly71xmggj-X"],
        ),
        example(
            r#"{"key":"FLWSECK-b0v90ke8qpoyk2eq65qxqnrs4kv45g7a-X","id":7}"#,
            &["FLWSECK-b0v90ke8qpoyk2eq65qxqnrs4kv45g7a-X"],
        ),
        example("FLW=FLWSECK_TEST-87f96469b21a", &["FLWSECK_TEST-87f96469b21a"]),
        example("cut short FLWSECK-tajsymyh9m", &[]),
        example("a placeholder FLWSECK-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-x", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
