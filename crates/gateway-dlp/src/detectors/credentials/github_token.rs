//! `github_token`: access tokens of GitHub.
//!
//! **Format.** `ghp_` (personal), `gho_` (OAuth), `ghu_` (user to server), `ghs_` (server to
//! server) or `ghr_` (refresh) and 36 letters or digits, 76 for some refresh tokens; or
//! `github_pat_` (fine-grained personal), 22 letters or digits, `_` and 59 more. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** The last six characters of the first kind are the CRC-32 of what stands between
//! the prefix and them, in base 62. Where they are not, what follows the prefix must look random:
//! enough entropy, no long run, no word that marks a placeholder. The fine-grained kind has no
//! published checksum: it needs at least ten different characters.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `github-pat`. On the kind: GitHub Engineering,
//! "Behind GitHub's new authentication token formats" (2021).
//!
//! **Confidence.** High with a checksum, medium for the fine-grained kind. Low where the checksum is
//! wrong: GitHub made no such token, but a person may have changed a real one.

use gateway_inspect::Confidence;

use crate::detectors::secret::checked;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::distinct;

/// Bytes of a prefix such as `ghp_`.
const PREFIX: usize = 4;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "github_token",
    name: "GitHub token",
    summary: "Access tokens of GitHub, by prefix, length and, where they have one, checksum",
    category: Category::Credentials,
    keywords: &["github", "token"],
    pattern: concat!(
        r"(?:gh[oprsu]_[0-9A-Za-z]{36}|ghr_[0-9A-Za-z]{76}",
        r"|github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59})\b{end-half}",
    ),
    match_bytes_max: 96,
    validators: &["crc32", "distinct_characters", "random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "token=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",
            &["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"],
        ),
        example(
            "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 in one line",
            &[
                "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",
            ],
        ),
        example(
            "ghr_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i0ZPEu9",
            &["ghr_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i0ZPEu9"],
        ),
        example(
            "wrong checksum ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18",
            &["ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"],
        ),
        example("too short ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxk0mLq17", &[]),
        example("a placeholder ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let Some(token) = sample.matched.strip_prefix(b"github_pat_") {
        return if distinct(token) >= 10 { Judgement::whole(Confidence::Medium) } else { None };
    }
    checked(sample, PREFIX, Confidence::Low)
}
