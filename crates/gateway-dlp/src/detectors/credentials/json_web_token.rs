//! `json_web_token`: signed JSON Web Tokens.
//!
//! **Format.** Two parts that begin with `eyJ`, which is base64 of `{"`, of at least 17 characters,
//! and a signature of at least 16, in base64 for URLs and parted by points. Of a longer token the
//! first 4 KiB are found.
//!
//! **Validator.** The first part is base64 of text that ends with `}`.
//!
//! **Source.** RFC 7519, RFC 7515 section 3.1.
//!
//! **Confidence.** Medium: the form is certain, but many tokens are short-lived.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base64_bytes;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "json_web_token",
    name: "JSON Web Token",
    summary: "Signed JSON Web Tokens, by the JSON objects that their parts begin with",
    category: Category::Credentials,
    keywords: &["authorization", "bearer", "jwt", "token"],
    pattern: r"eyJ[0-9A-Za-z_-]{14,}\.eyJ[0-9A-Za-z_-]{14,}\.[0-9A-Za-z_-]{16,}",
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
    let header = sample.matched.split(|byte| *byte == b'.').next()?;
    let is_text = |byte: u8| byte >= b' ' || byte.is_ascii_whitespace();
    let closing = base64_bytes(header).filter(|byte| !byte.is_ascii_whitespace()).last();
    let is_object = closing == Some(b'}') && base64_bytes(header).all(is_text);
    if is_object { Judgement::whole(Confidence::Medium) } else { None }
}
