//! `anthropic_api_key`: Anthropic API key.
//!
//! **Format.** `sk-ant-api`, `sk-ant-admin`, `sk-ant-oat` or `sk-ant-ort` (OAuth, access and
//! refresh), the number of a form such as `03`, `-`, 80 to 110 letters, digits, `-` or `_`, and `AA`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `anthropic-api-key`; kingfisher, `anthropic.yml`.
//! On the kind: Anthropic API reference, "Authentication" and "Admin API".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "anthropic_api_key",
    name: "Anthropic API key",
    summary: "Anthropic API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["anthropic", "claude"],
    pattern: r"sk-ant-(?:api|admin|o[ar]t)0[1-9]-[0-9A-Za-z_-]{80,110}AA\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "CLAUDE_CODE_OAUTH_TOKEN=sk-ant-oat01-eHMsvKYEIlu7euAf-tdg5J8ee8EvXGtJ0r6EKnImrOk-vkjdfLCJQ4GFblOo-8Lw2DGmmPfKfjxhCjIZLg8hJIsXYMiMxAA",
            &[
                "sk-ant-oat01-eHMsvKYEIlu7euAf-tdg5J8ee8EvXGtJ0r6EKnImrOk-vkjdfLCJQ4GFblOo-8Lw2DGmmPfKfjxhCjIZLg8hJIsXYMiMxAA",
            ],
        ),
        example(
            r#"token = "sk-ant-api03-Dg7ak6wyEMw-LnH6jDvkaHr1qS4XshK4-Z4lWIDQ7yKBj8EUGUqWk6eDtOW3ovJiHK4uwO5jtYofL1S03MonONPjiOCqqAA""#,
            &[
                "sk-ant-api03-Dg7ak6wyEMw-LnH6jDvkaHr1qS4XshK4-Z4lWIDQ7yKBj8EUGUqWk6eDtOW3ovJiHK4uwO5jtYofL1S03MonONPjiOCqqAA",
            ],
        ),
        example(
            "key: sk-ant-admin01-ozWrzFC6xoxsm2urYe8AASuy4X6ln9sOx3FREjZoRluN3WVZK88zj0VOBBMPEOQmk2MM0rB3Xgiy274iuF7NCuK4lSzx-AA, and more",
            &[
                "sk-ant-admin01-ozWrzFC6xoxsm2urYe8AASuy4X6ln9sOx3FREjZoRluN3WVZK88zj0VOBBMPEOQmk2MM0rB3Xgiy274iuF7NCuK4lSzx-AA",
            ],
        ),
        example(
            "ANTHROPIC_API_KEY=sk-ant-api04-tR7vQ2mXcL0bN9wKz5JdYf3GhS8pAe1UiOq6TnMlBxVkCyWrZj4EgDhFsPa_9Ku2HtRo7IbLv5NqXw3McZAA",
            &[
                "sk-ant-api04-tR7vQ2mXcL0bN9wKz5JdYf3GhS8pAe1UiOq6TnMlBxVkCyWrZj4EgDhFsPa_9Ku2HtRo7IbLv5NqXw3McZAA",
            ],
        ),
        example("cut short sk-ant-api03-Dg7ak6wyEMw-LnH6jDvkaHr1qS4XshK4-Z4lWIDQ7", &[]),
        example(
            "a placeholder sk-ant-api03-xxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 13;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
