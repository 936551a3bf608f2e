//! `doppler_token`: Doppler token.
//!
//! **Format.** `dp.`, the kind (`pt`, `st`, `ct`, `sa`, `scim`, `audit`), a point, for service
//! tokens the name of an environment, and 40 to 44 letters or digits. No ASCII letter, digit or `_`
//! may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `doppler-api-token`. On the kind: Doppler, "Token
//! formats".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "doppler_token",
    name: "Doppler token",
    summary: "Doppler token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["doppler"],
    pattern: alone!(r"dp\.(?:pt|ct|sa|scim|audit|st(?:\.[0-9a-z_-]{2,35})?)\.[0-9A-Za-z]{40,44}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: dp.audit.hHFq0OThqy4HxH0SsY98pZSgmjC7HmGBu4Pfxvr0y, and more",
            &["dp.audit.hHFq0OThqy4HxH0SsY98pZSgmjC7HmGBu4Pfxvr0y"],
        ),
        example(
            "export TOKEN=dp.sa.HPnhNc1TyQCmFWN6PXP9c4FTkHbii2WgKp5G21FPSbnt\n",
            &["dp.sa.HPnhNc1TyQCmFWN6PXP9c4FTkHbii2WgKp5G21FPSbnt"],
        ),
        example("cut short dp.audit.hHFq0OThqy4HxH0S", &[]),
        example("a placeholder dp.audxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
