//! `akamai_token`: Akamai EdgeGrid token.
//!
//! **Format.** `akab-` and twice 16 small letters or digits, parted by a dash. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder; and no point follows, as in the name of a host of the same form.
//!
//! **Source.** Akamai TechDocs, "Authenticate with EdgeGrid".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "akamai_token",
    name: "Akamai EdgeGrid token",
    summary: "Akamai EdgeGrid token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["akamai", "edgegrid"],
    pattern: alone!("akab-[0-9a-z]{16}-[0-9a-z]{16}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"akab-ik3r7u75s60psc2q-yytlav5s2esqh34a","id":7}"#,
            &["akab-ik3r7u75s60psc2q-yytlav5s2esqh34a"],
        ),
        example(
            "key: akab-b87djtizw8ngbmj5-k5hnl78oxq3p309i, and more",
            &["akab-b87djtizw8ngbmj5-k5hnl78oxq3p309i"],
        ),
        example("host = akab-ik3r7u75s60psc2q-yytlav5s2esqh34a.luna.akamaiapis.net", &[]),
        example("cut short akab-ik3r7u75s60psc2q-yy", &[]),
        example("a placeholder akab-xxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    // A host is `akab-….luna.akamaiapis.net`.
    if sample.after == Some(b'.') {
        return None;
    }
    token_alone(sample, PREFIX, Confidence::Medium)
}
