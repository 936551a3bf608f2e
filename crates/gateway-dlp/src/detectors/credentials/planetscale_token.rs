//! `planetscale_token`: PlanetScale token.
//!
//! **Format.** `pscale_`, the kind (`tkn`, `pw`, `oauth`), `_` and 32 to 64 letters, digits, `-`,
//! `_`, `.` or `=`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `planetscale-api-token`. On the kind: PlanetScale,
//! "Service tokens" and "Passwords".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "planetscale_token",
    name: "PlanetScale token",
    summary: "PlanetScale token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["planetscale"],
    pattern: r"pscale_(?:tkn|pw|oauth)_[0-9A-Za-z_=.-]{32,64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer pscale_pw_itddEHcIDFmObtCdpGCA-meWM_G3TyxcWN=7K_",
            &["pscale_pw_itddEHcIDFmObtCdpGCA-meWM_G3TyxcWN=7K_"],
        ),
        example(
            "export TOKEN=pscale_oauth_m57eZQHnee-0OMuHhyZcy5HG-zbFGgjDnpO\n",
            &["pscale_oauth_m57eZQHnee-0OMuHhyZcy5HG-zbFGgjDnpO"],
        ),
        example("cut short pscale_pw_itddEHcIDFmObt", &[]),
        example("a placeholder pscale_pw_xxxxxxxxxxxxxxxxxxxx-xxxx_xxxxxxxx=xx_", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 10;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
