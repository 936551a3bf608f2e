//! `zai_api_key`: Z.ai API key.
//!
//! **Format.** 32 hexadecimal digits, a point and 16 letters or digits, assigned to a name of
//! at most 30 more characters; the name is no part of the finding. No ASCII letter, digit or
//! `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `zai-api-key`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zai_api_key",
    name: "Z.ai API key",
    summary: "Z.ai API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["bigmodel", "zai", "zhipu"],
    pattern: assigned!("(?:bigmodel|glm|zhipu(?:ai)?|z[._]?ai)", "[0-9a-f]{32}[.][0-9A-Za-z]{16}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "GLM_API_KEY=1af25c5f1db349b8159cabcc7dcf65dd.WcxR9TIO3fTftSvw",
            &["1af25c5f1db349b8159cabcc7dcf65dd.WcxR9TIO3fTftSvw"],
        ),
        example(
            r#"ZAI_API_KEY = "71bd6a2ba11015b11f5c9538f28f41ec.guqG6NeE62dL4e7V""#,
            &["71bd6a2ba11015b11f5c9538f28f41ec.guqG6NeE62dL4e7V"],
        ),
        example(
            r#"{"zhipuai_key": "8b4ecfe5dc94fa78e5fa039c77d2f505.t2IB0z8VOx2d86bY"}"#,
            &["8b4ecfe5dc94fa78e5fa039c77d2f505.t2IB0z8VOx2d86bY"],
        ),
        example("no name before it: 71bd6a2ba11015b11f5c9538f28f41ec.guqG6NeE62dL4e7V", &[]),
        example(r#"ZAI_API_KEY = "0000000000000000000000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
