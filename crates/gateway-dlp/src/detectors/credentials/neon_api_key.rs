//! `neon_api_key`: Neon API key.
//!
//! **Format.** `napi_` and 64 letters or digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `neon.go`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "neon_api_key",
    name: "Neon API key",
    summary: "Neon API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["neon"],
    pattern: r"napi_[0-9A-Za-z]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "NEON_API_KEY=napi_8LTJCNL9CYq7679ibbq9XdUzkNvPeSg7SQnbH4wi0BR3ldoplQPpoqQny5bU2XnK",
            &["napi_8LTJCNL9CYq7679ibbq9XdUzkNvPeSg7SQnbH4wi0BR3ldoplQPpoqQny5bU2XnK"],
        ),
        example(
            r#"{"key":"napi_grvpk0gqtpvskhefaj69n4z0zopg1hsqhkwlrg4jxzu5b538saeiufwog80ujaza","id":7}"#,
            &["napi_grvpk0gqtpvskhefaj69n4z0zopg1hsqhkwlrg4jxzu5b538saeiufwog80ujaza"],
        ),
        example(
            "export TOKEN=napi_0kj3ero1iqwartlnzmgrbhxyevpi5unjtk97uzv8v59yvnntzlmxcc2qrrvmshzz\n",
            &["napi_0kj3ero1iqwartlnzmgrbhxyevpi5unjtk97uzv8v59yvnntzlmxcc2qrrvmshzz"],
        ),
        example("cut short napi_grvpk0gqtpvskhefaj69n4z0zopg1", &[]),
        example(
            "a placeholder napi_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
