//! `moonshot_api_key`: Moonshot API key.
//!
//! **Format.** `sk-` and 48 letters or digits, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `kimi-api-key`. On the kind: Moonshot AI API
//! documentation.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "moonshot_api_key",
    name: "Moonshot API key",
    summary: "Moonshot API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["kimi", "moonshot"],
    pattern: assigned!("(?:kimi|moonshot)", "sk-[0-9A-Za-z]{48}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"MOONSHOT_API_KEY = "sk-YO2xaCUvet6zYYqy0pJf9CIg9lV3G32cGh6dAuJa3pJEeyQV""#,
            &["sk-YO2xaCUvet6zYYqy0pJf9CIg9lV3G32cGh6dAuJa3pJEeyQV"],
        ),
        example(
            r#"{"kimi_key": "sk-nsZpF2V2r2iY9Uot4wf3iCnEPor6SOvFbGwot3GcKsT5BCUy"}"#,
            &["sk-nsZpF2V2r2iY9Uot4wf3iCnEPor6SOvFbGwot3GcKsT5BCUy"],
        ),
        example("no name before it: sk-YO2xaCUvet6zYYqy0pJf9CIg9lV3G32cGh6dAuJa3pJEeyQV", &[]),
        example(r#"MOONSHOT_API_KEY = "sk-Yxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
