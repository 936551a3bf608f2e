//! `json_web_token`: signed JSON Web Tokens.
//!
//! **Format.** Two parts that begin with `eyJ`, which is base64 of `{"`, of at least 17 characters,
//! and a signature of at least 16, in base64 for URLs and parted by points. Of a longer token the
//! first 4 KiB are found.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** RFC 7519, RFC 7515 section 3.1.
//!
//! **Confidence.** Medium: the form is certain, but many tokens are short-lived.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "json_web_token",
    name: "JSON Web Token",
    summary: "Signed JSON Web Tokens, by the JSON objects that their parts begin with",
    category: Category::Credentials,
    keywords: &["authorization", "bearer", "jwt", "token"],
    pattern: r"eyJ[0-9A-Za-z_-]{14,}\.eyJ[0-9A-Za-z_-]{14,}\.[0-9A-Za-z_-]{16,}",
    match_bytes_max: 4096,
    validators: &[],
    test: Test::Pattern(Confidence::Medium),
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
    ],
};
