//! `json_web_token`: JSON Web Tokens.
//!
//! **Format.** Two parts that begin with `eyJ`, which is base64 of `{"`, of at least 17 characters,
//! and a signature of at least 16 or none, in base64 for URLs and parted by points. Of a longer token
//! the first 4 KiB are found.
//!
//! **Validator.** The first part is base64 of text that ends with `}`; without a signature so is the
//! second one.
//!
//! **Source.** RFC 7519, RFC 7515 section 3.1; gitleaks, `config/gitleaks.toml`, `jwt`.
//!
//! **Confidence.** Medium: the form is certain, but many tokens are short-lived. Low without a
//! signature: it tells of somebody, but opens nothing.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base64_bytes;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "json_web_token",
    name: "JSON Web Token",
    summary: "JSON Web Tokens, by the JSON objects that their parts begin with",
    category: Category::Credentials,
    keywords: &["authorization", "bearer", "jwt", "token"],
    pattern: r"eyJ[0-9A-Za-z_-]{14,}\.eyJ[0-9A-Za-z_-]{14,}(?:\.[0-9A-Za-z_-]{16,}|\b{end-half})",
    match_bytes_max: 4096,
    validators: &["base64"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3NTE3NjU3MiIsImlhdCI6OTI5NjI5ODg4fQ.WMTFcP9RhUbSFc00LcYfiBgbzWuFCi2ckckP4NgC2Jw\n",
            &[
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3NTE3NjU3MiIsImlhdCI6OTI5NjI5ODg4fQ.WMTFcP9RhUbSFc00LcYfiBgbzWuFCi2ckckP4NgC2Jw",
            ],
        ),
        example(
            r#"{"jwt":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIzMjE1NzcyMjUiLCJpYXQiOjU1Mjc0NjQ4OX0.DulclTr6ZvSWemWpUUSfUiix6qElzaw0E15J0aPaA-g"}"#,
            &[
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIzMjE1NzcyMjUiLCJpYXQiOjU1Mjc0NjQ4OX0.DulclTr6ZvSWemWpUUSfUiix6qElzaw0E15J0aPaA-g",
            ],
        ),
        example(
            "no signature eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3NTE3NjU3MiIsImlhdCI6OTI5NjI5ODg4fQ.",
            &[
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3NTE3NjU3MiIsImlhdCI6OTI5NjI5ODg4fQ",
            ],
        ),
        example(
            "cut short eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3NTE3NjU3MiIsImlhdCI6OTI5Nj",
            &[],
        ),
        example("one part eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", &[]),
        example(
            "no object eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJa.eyJzdWIiOiI3NTE3NjU3MiIsImlhdCI6OTI5NjI5ODg4fQ.WMTFcP9RhUbSFc00LcYfiBgb",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let mut parts = sample.matched.split(|byte| *byte == b'.');
    let [header, claims] = [parts.next()?, parts.next()?];
    let is_signed = parts.next().is_some();
    if !is_object(header) || !(is_signed || is_object(claims)) {
        return None;
    }
    Judgement::whole(if is_signed { Confidence::Medium } else { Confidence::Low })
}

/// Whether this is base64 of text that ends as a JSON object does.
fn is_object(part: &[u8]) -> bool {
    let is_text = |byte: u8| byte >= b' ' || byte.is_ascii_whitespace();
    let closing = base64_bytes(part).filter(|byte| !byte.is_ascii_whitespace()).last();
    closing == Some(b'}') && base64_bytes(part).all(is_text)
}
