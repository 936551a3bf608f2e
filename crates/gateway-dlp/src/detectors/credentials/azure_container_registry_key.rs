//! `azure_container_registry_key`: Azure Container Registry key.
//!
//! **Format.** 42 letters, digits, `+` or `/`, `+ACR`, a letter from `A` to `D` and five more
//! characters. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** kingfisher, `azure.yml`. On the kind: Microsoft Security Utilities, identifiable
//! keys.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_container_registry_key",
    name: "Azure Container Registry key",
    summary: "Azure Container Registry key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "registry"],
    pattern: alone!(r"[0-9A-Za-z+/]{42}\+ACR[A-D][0-9A-Za-z+/]{5}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"yKriFnruQMMM+SJHf0EzEhqhFpHI4ZXfUgTqxCs4Dg+ACRDgADnb","id":7}"#,
            &["yKriFnruQMMM+SJHf0EzEhqhFpHI4ZXfUgTqxCs4Dg+ACRDgADnb"],
        ),
        example(
            r#"token = "lRZiEGlcLWLi+A4D6f7WeZeruyl+LLu/vSBErfPFME+ACRAAKIWd""#,
            &["lRZiEGlcLWLi+A4D6f7WeZeruyl+LLu/vSBErfPFME+ACRAAKIWd"],
        ),
        example("cut short yKriFnruQMMM+SJHf0EzEhqhFp", &[]),
        example("a placeholder xxxxxxxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxxx", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
