//! `honeycomb_key`: Honeycomb API key.
//!
//! **Format.** `hc`, the letter of a region, `ik_` (ingest) or `lk_` and 58 letters or digits; or,
//! of classic environments, 32 hexadecimal digits, or 22 letters or digits, assigned to a name with
//! `honeycomb` and, for example, `key` in it, which is no part of the finding. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `honeycomb-api-key`; the prefix is in its
//! rule for keys that are no secret.
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "honeycomb_key",
    name: "Honeycomb API key",
    summary: "Honeycomb API key, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["honeycomb"],
    pattern: concat!(
        r"hc[0-9a-z][il]k_[0-9A-Za-z]{58}\b{end-half}",
        "|",
        assigned!(
            "honeycomb[_. -]?(?:api[_. -]?|write[_. -]?)?key",
            "[0-9a-f]{32}|[0-9A-Za-z]{22}"
        ),
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"hc5ik_QBjTPAzCKy7qZgMWFxonsprhLKndwEMOUlqygLm3IgFjmeG0Zogl61zoRB","id":7}"#,
            &["hc5ik_QBjTPAzCKy7qZgMWFxonsprhLKndwEMOUlqygLm3IgFjmeG0Zogl61zoRB"],
        ),
        example(
            "key: hcblk_2EnAoazdWKRIekRMxzCnUf3hKdcTx9HcotE1uXyPcsgOsHj0CYXX9DVj3v, and more",
            &["hcblk_2EnAoazdWKRIekRMxzCnUf3hKdcTx9HcotE1uXyPcsgOsHj0CYXX9DVj3v"],
        ),
        example("cut short hc5ik_QBjTPAzCKy7qZgMWFxonsprhLKndwEMOUl", &[]),
        example(
            "a placeholder hc5ik_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
        example(
            "HONEYCOMB_API_KEY=6f835e9b609cbfe01c02bf7be380eea0",
            &["6f835e9b609cbfe01c02bf7be380eea0"],
        ),
        example(r#"honeycomb_key: "LgjUs0GwamJV0rSdRvGwXJ""#, &["LgjUs0GwamJV0rSdRvGwXJ"]),
        example("no name before it: 6f835e9b609cbfe01c02bf7be380eea0", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let [b'h', b'c', _, b'i' | b'l', b'k', b'_', ..] = sample.matched {
        token(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
