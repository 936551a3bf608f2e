//! `yandex_api_key`: Yandex Cloud API key.
//!
//! **Format.** `AQVN` and 35 to 38 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `yandex-api-key`. On the kind: Yandex Cloud,
//! "Secrets", API key format.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "yandex_api_key",
    name: "Yandex Cloud API key",
    summary: "Yandex Cloud API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["yandex"],
    pattern: alone!("AQVN[0-9A-Za-z_-]{35,38}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=AQVNHnZrFZ0QIcC7BivSEydOidq9PQ457h2AUWHe\n",
            &["AQVNHnZrFZ0QIcC7BivSEydOidq9PQ457h2AUWHe"],
        ),
        example(
            r#"token = "AQVNkno-unF11YdUOa-sICbJGFK3aAE2mgsA7TYo""#,
            &["AQVNkno-unF11YdUOa-sICbJGFK3aAE2mgsA7TYo"],
        ),
        example("cut short AQVNHnZrFZ0QIcC7BivS", &[]),
        example("a placeholder AQVNxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
