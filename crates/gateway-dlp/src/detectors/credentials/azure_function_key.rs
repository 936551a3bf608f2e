//! `azure_function_key`: Azure Functions key.
//!
//! **Format.** 44 letters, digits, `-` or `_`, `AzFu`, five more and the padding of base64. No
//! ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** Microsoft Security Utilities, identifiable keys.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_function_key",
    name: "Azure Functions key",
    summary: "Azure Functions key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "code", "function"],
    pattern: alone!("[0-9A-Za-z_-]{44}AzFu[0-9A-Za-z_-]{5}[AQgw]=="),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer UjDWswM-vYH9V8YOnM_p6NX_axGpIGd0qJpiJd3qz0skAzFu0AlOLA==",
            &["UjDWswM-vYH9V8YOnM_p6NX_axGpIGd0qJpiJd3qz0skAzFu0AlOLA=="],
        ),
        example(
            "export TOKEN=kGon7KqO6SznLHXPcxJGtJjRW2vZWobOm2VUkEX_7SFVAzFujGwOig==\n",
            &["kGon7KqO6SznLHXPcxJGtJjRW2vZWobOm2VUkEX_7SFVAzFujGwOig=="],
        ),
        example("cut short UjDWswM-vYH9V8YOnM_p6NX_axGp", &[]),
        example("a placeholder xxxxxxx-xxxxxxxxxx_xxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx==", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
