//! `cerebras_key`: Cerebras API key.
//!
//! **Format.** `csk-` and 48 small letters or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `cerebras-api-key`. On the kind: Cerebras
//! Inference documentation, "QuickStart".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cerebras_key",
    name: "Cerebras API key",
    summary: "Cerebras API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cerebras"],
    pattern: alone!("csk-[0-9a-z]{48}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"csk-g7gpc5o1kfvs4l1c86v9km4zhp719zt5c9gcnixkbewy8t5b","id":7}"#,
            &["csk-g7gpc5o1kfvs4l1c86v9km4zhp719zt5c9gcnixkbewy8t5b"],
        ),
        example(
            "key: csk-sgf970m0pe7fgpl0xfpt9yhchnos9ux3snt9gwo98vx2j1tc, and more",
            &["csk-sgf970m0pe7fgpl0xfpt9yhchnos9ux3snt9gwo98vx2j1tc"],
        ),
        example("cut short csk-g7gpc5o1kfvs4l1c86v9km4zhp71", &[]),
        example("a placeholder csk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
