//! `azure_sas_signature`: Azure shared access signature.
//!
//! **Format.** The parameter `sig=` of a URL with 43 characters of base64, encoded for URLs, and
//! the padding `%3D`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Azure Storage, "Create a service SAS".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_sas_signature",
    name: "Azure shared access signature",
    summary: "Azure shared access signature, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "sas", "sig"],
    pattern: r"[?&;]sig=[0-9A-Za-z%+/]{43,63}%3[Dd]\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "https://a.blob.core.windows.net/c/f?sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig=q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEv%2FGfRx4CyM7ao%3D",
            &["&sig=q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEv%2FGfRx4CyM7ao%3D"],
        ),
        example(
            "x?sig=Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvfGfRx4CyM7aoP%3d",
            &["?sig=Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvfGfRx4CyM7aoP%3d"],
        ),
        example("?sig=short%3D", &[]),
        example("?signature=q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvFGfRx4CyM7ao%3D", &[]),
        example("&sig=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%3D", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::Medium)
}
