//! `azure_client_secret`: Azure client secret.
//!
//! **Format.** Three letters, digits, `~`, `_` or `.`, a digit, `Q~`, and 31 to 34 of these or `-`.
//! No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `azure-ad-client-secret`. On the kind: Microsoft
//! identity platform, client secrets; Microsoft Security Utilities, `SEC101/156`.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_client_secret",
    name: "Azure client secret",
    summary: "Azure client secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "client secret", "clientsecret", "entra"],
    pattern: alone!("[0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer MYT2Q~lHy.TvbWeMOtM~WbWI4TH~k4TvECdHSo",
            &["MYT2Q~lHy.TvbWeMOtM~WbWI4TH~k4TvECdHSo"],
        ),
        example(
            "key: vYi5Q~t5xTJtdWKyqV1LYnX80x-KhLLdVkNa0KZ, and more",
            &["vYi5Q~t5xTJtdWKyqV1LYnX80x-KhLLdVkNa0KZ"],
        ),
        example("cut short MYT2Q~lHy.TvbWeMOtM", &[]),
        example("a placeholder xxxxx~xxx.xxxxxxxxx~xxxxxxx~xxxxxxxxxx", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::Medium)
}
