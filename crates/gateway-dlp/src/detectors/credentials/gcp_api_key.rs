//! `gcp_api_key`: Google API key.
//!
//! **Format.** `AIza` and 35 letters, digits, `-` or `_`; or `AQ.Ab` and 48 of them, for keys that
//! are bound to a service account. No ASCII letter, digit or `_` may touch it, but an escape such
//! as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `gcp-api-key`; betterleaks,
//! `config/betterleaks.toml`, `gcp-gemini-api`. On the kind: Google Cloud, "Manage API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gcp_api_key",
    name: "Google API key",
    summary: "Google API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["api key", "gcp", "google"],
    pattern: alone!("AIza[0-9A-Za-z_-]{35}|AQ[.]Ab[0-9A-Za-z_-]{48}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "GEMINI_API_KEY=AQ.Ab8RN6U5Q-8qre6TeUNjlWFzxAjJxa36BfsaGe2E_O9XCNBrpx",
            &["AQ.Ab8RN6U5Q-8qre6TeUNjlWFzxAjJxa36BfsaGe2E_O9XCNBrpx"],
        ),
        example(
            "export TOKEN=AIza1FC1GkUSepv3863kqXa2E-6On8q_HAPjZC0\n",
            &["AIza1FC1GkUSepv3863kqXa2E-6On8q_HAPjZC0"],
        ),
        example(
            "key: AIzaaa_ixKXfd_Iy954KDK47af29UvVnm8NPRll, and more",
            &["AIzaaa_ixKXfd_Iy954KDK47af29UvVnm8NPRll"],
        ),
        example("cut short AIza1FC1GkUSepv3863", &[]),
        example("a placeholder AIzaxxxxxxxxxxxxxxxxxxxxx-xxxxx_xxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
