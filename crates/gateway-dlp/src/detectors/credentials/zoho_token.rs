//! `zoho_token`: Zoho OAuth token.
//!
//! **Format.** `1000.` and twice 32 hexadecimal digits, parted by a point; or the secret of a
//! client, 42 hexadecimal digits, assigned to a name with `zoho` in it and at most 30 more
//! characters, which is no part of the finding. No ASCII letter, digit or `_` may follow, nor stand
//! before a prefix but for an escape such as `\n` or `%20`.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** betterleaks, `zoho.go`.
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zoho_token",
    name: "Zoho OAuth token",
    summary: "Zoho OAuth token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["zoho"],
    pattern: concat!(
        alone!(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}"),
        "|",
        assigned!("zoho", "[0-9a-f]{42}"),
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"1000.68a84cf29e88722694a33f5b1338ea43.cd63bf6f9032f8852c2d6cfeb3bed0ad","id":7}"#,
            &["1000.68a84cf29e88722694a33f5b1338ea43.cd63bf6f9032f8852c2d6cfeb3bed0ad"],
        ),
        example(
            "key: 1000.0b2aca9919f871a4690685ea894d26bc.539213fa11336322fdbc3cb1ae632168, and more",
            &["1000.0b2aca9919f871a4690685ea894d26bc.539213fa11336322fdbc3cb1ae632168"],
        ),
        example("cut short 1000.68a84cf29e88722694a33f5b1338ea43.cd63bf", &[]),
        example(
            "a placeholder 1000.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
        example(
            "ZOHO_CLIENT_SECRET=039211d9b963cc58ea44ecd5b868ec5ff527e03af2",
            &["039211d9b963cc58ea44ecd5b868ec5ff527e03af2"],
        ),
        example("no name before it: 039211d9b963cc58ea44ecd5b868ec5ff527e03af2", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'1', b'0', b'0', b'0', b'.', ..] = begin {
        token_alone(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
