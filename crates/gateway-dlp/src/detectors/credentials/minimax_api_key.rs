//! `minimax_api_key`: MiniMax API key.
//!
//! **Format.** `sk-api-` and 119 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `minimax-api-key`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "minimax_api_key",
    name: "MiniMax API key",
    summary: "MiniMax API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["minimax"],
    pattern: alone!("sk-api-[0-9A-Za-z_-]{119}"),
    match_bytes_max: 136,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "MINIMAX_API_KEY=sk-api-eVUZ_MMvZ5OOZa6YIH0HShDsk1eN-gpu9C2DRwHK5WueCEwP7WvpRneduPW3zYJIJR5jS_czOYt5W4cm6FPSHgHzJZyq1vlV8iWyLmN_Gx4a3CjWqaQ0ykN",
            &[
                "sk-api-eVUZ_MMvZ5OOZa6YIH0HShDsk1eN-gpu9C2DRwHK5WueCEwP7WvpRneduPW3zYJIJR5jS_czOYt5W4cm6FPSHgHzJZyq1vlV8iWyLmN_Gx4a3CjWqaQ0ykN",
            ],
        ),
        example(
            "Authorization: Bearer sk-api-F2c5LnTe3T9t8vD2AACJla-s-H5YDcwRGTQWDXxYOdhomlQaJOKtzuxJvj7XJrLHI4iGCwkRSuqk6pKSW5D6yuaCYkouv-PFRUZmyMyRxHTaZKJ9kYkX9fs",
            &[
                "sk-api-F2c5LnTe3T9t8vD2AACJla-s-H5YDcwRGTQWDXxYOdhomlQaJOKtzuxJvj7XJrLHI4iGCwkRSuqk6pKSW5D6yuaCYkouv-PFRUZmyMyRxHTaZKJ9kYkX9fs",
            ],
        ),
        example(
            "cut short sk-api-eVUZ_MMvZ5OOZa6YIH0HShDsk1eN-gpu9C2DRwHK5WueCEwP7WvpRneduPW3",
            &[],
        ),
        example(
            "a placeholder sk-api-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
