//! `cloudflare_user_token`: Cloudflare user API token.
//!
//! **Format.** `cfut_`, 40 letters or digits and a checksum of eight hexadecimal digits. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random; how the checksum is made is not published.
//!
//! **Source.** Cloudflare Fundamentals, "Token formats".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudflare_user_token",
    name: "Cloudflare user API token",
    summary: "Cloudflare user API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudflare"],
    pattern: r"cfut_[0-9A-Za-z]{40}[0-9a-f]{8}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=cfut_eCkEKmWJN1FyIWhyjaVt5yil8PW2MYNRdATaNnoM7626bc19\n",
            &["cfut_eCkEKmWJN1FyIWhyjaVt5yil8PW2MYNRdATaNnoM7626bc19"],
        ),
        example(
            r#"token = "cfut_jb4Z7ituyYm2eaCSmCWG4BfraUw1o1zjkhHGRFvn7f3c7bca""#,
            &["cfut_jb4Z7ituyYm2eaCSmCWG4BfraUw1o1zjkhHGRFvn7f3c7bca"],
        ),
        example("cut short cfut_eCkEKmWJN1FyIWhyjaVt5", &[]),
        example("a placeholder cfut_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
