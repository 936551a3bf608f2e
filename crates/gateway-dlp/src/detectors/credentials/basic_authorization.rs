//! `basic_authorization`: passwords in headers of basic authentication.
//!
//! **Format.** `Authorization`, a colon or what parts a name from its value, `Basic` and 8 to 200
//! characters of base64. What stands before the base64 is no part of the finding.
//!
//! **Validator.** The base64 holds text with a colon, and not one that stands in manuals.
//!
//! **Source.** RFC 7617.
//!
//! **Confidence.** High: a header of this form holds a user and a password.

use gateway_inspect::Confidence;

use crate::detectors::secret::is_told_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base64_bytes;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "basic_authorization",
    name: "Basic authorization header",
    summary: "User and password in headers of basic authentication, by the text in base64",
    category: Category::Credentials,
    keywords: &["authorization"],
    pattern: r#"(?i:authorization["'\]]{0,2}[ ]?[:=,]\s{0,2}["']?basic )[0-9A-Za-z+/]{8,}={0,2}\b{end-half}"#,
    match_bytes_max: 256,
    validators: &["base64"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "headers['Authorization'] = 'Basic cmVuYTp3VjdrUXA5ZA=='",
            &["cmVuYTp3VjdrUXA5ZA=="],
        ),
        example("Authorization: Basic c2hvcDpxOFp0MkxtVjBjWHI=\r\n", &["c2hvcDpxOFp0MkxtVjBjWHI="]),
        example(r#"{"Authorization": "Basic dTE6WHI3WXBLdzM="}"#, &["dTE6WHI3WXBLdzM="]),
        example("Authorization: Basic Zm9vYmFyYmF6", &[]),
        example("Authorization: Basic realm", &[]),
        example("Authorization: Basic dXNlcjpwYXNzd29yZA==", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = sample.matched.iter().rposition(|byte| *byte == b' ')? + 1;
    let pair = sample.matched.get(lead..)?;
    let is_text = base64_bytes(pair).all(|byte| byte >= b' ' && byte != 0x7F);
    let mut password = base64_bytes(pair).skip_while(|byte| *byte != b':');
    let has_colon = password.next().is_some();
    let real = is_text && has_colon && !is_told_password(password);
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
