//! `easypost_key`: EasyPost API key.
//!
//! **Format.** `EZAK` (production) or `EZTK` (test) and 54 letters or digits. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `easypost-api-token`. On the kind: EasyPost, "API
//! keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "easypost_key",
    name: "EasyPost API key",
    summary: "EasyPost API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["easypost"],
    pattern: alone!("EZ[AT]K[0-9A-Za-z]{54}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "EZTKoIET8qL2DN5AIQHi83QlQdLbzCB4KXeZGcCipgJHGEtPzyf0wLxLyE""#,
            &["EZTKoIET8qL2DN5AIQHi83QlQdLbzCB4KXeZGcCipgJHGEtPzyf0wLxLyE"],
        ),
        example(
            "key: EZTKMbnOF29rfRrbcHBM7lbug5bPybdMkJSYTCnqi4Mf85CTlaAiOjIhfi, and more",
            &["EZTKMbnOF29rfRrbcHBM7lbug5bPybdMkJSYTCnqi4Mf85CTlaAiOjIhfi"],
        ),
        example("cut short EZTKoIET8qL2DN5AIQHi83QlQdLbz", &[]),
        example("a placeholder EZTKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
