//! `vk_access_token`: VK access token.
//!
//! **Format.** `vk1.a.` and 85 to 250 letters, digits, `-` or `_`. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** VK developer documentation, "Access token".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vk_access_token",
    name: "VK access token",
    summary: "VK access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["vk", "vkontakte"],
    pattern: r"vk1\.a\.[0-9A-Za-z_-]{85,250}\b{end-half}",
    match_bytes_max: 256,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"vk1.a.sfiX4T8pIYM-XU9Sl9BkiVuhk7FNP7am8KqxSCRlKASWHjv0VWUiSL_19yGH3Mg6rKI8b8QCpT9v4dNMZUGbr","id":7}"#,
            &[
                "vk1.a.sfiX4T8pIYM-XU9Sl9BkiVuhk7FNP7am8KqxSCRlKASWHjv0VWUiSL_19yGH3Mg6rKI8b8QCpT9v4dNMZUGbr",
            ],
        ),
        example(
            "key: vk1.a.e5dI_akLGuZ-4pSj2tDIHt6stVGZAlN7SAMe_QXsbmTnF1OsrYpKZEM3lwqC6aQkLIYWQNfef4fbzGWNGWsSJm, and more",
            &[
                "vk1.a.e5dI_akLGuZ-4pSj2tDIHt6stVGZAlN7SAMe_QXsbmTnF1OsrYpKZEM3lwqC6aQkLIYWQNfef4fbzGWNGWsSJm",
            ],
        ),
        example("cut short vk1.a.sfiX4T8pIYM-XU9Sl9BkiVuhk7FNP7am8KqxSCRlKASWHjv0VWU", &[]),
        example(
            "a placeholder vk1.a.xxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
