//! `settlemint_token`: SettleMint access token.
//!
//! **Format.** `sm_`, the kind (`aat`, `pat`, `sat`), `_` and 16 letters or digits. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `settlemint-personal-access-token`. On the kind:
//! SettleMint, "Application access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "settlemint_token",
    name: "SettleMint access token",
    summary: "SettleMint access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["settlemint"],
    pattern: alone!("sm_[aps]at_[0-9A-Za-z]{16}"),
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example("export TOKEN=sm_aat_FgGvdpTxTjbYtDhy\n", &["sm_aat_FgGvdpTxTjbYtDhy"]),
        example("key: sm_pat_niuDwq05hwrgZaEu, and more", &["sm_pat_niuDwq05hwrgZaEu"]),
        example("cut short sm_aat_FgGv", &[]),
        example("a placeholder sm_aat_xxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
