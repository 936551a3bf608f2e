//! `atlassian_data_center_token`: access tokens of Atlassian Data Center products.
//!
//! **Format.** 33 bytes in base64, 44 characters, for Bitbucket behind `BBDC-`. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The bytes begin with twelve digits and a colon; twenty more follow.
//!
//! **Source.** Atlassian support, "Using personal access tokens" (Jira, Confluence) and "HTTP access
//! tokens" (Bitbucket).
//!
//! **Confidence.** High: twelve digits and a colon stand in base64 by chance next to never.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base64_bytes;

/// What stands before the tokens of Bitbucket.
const PREFIX: &[u8] = b"BBDC-";
/// Digits at the front of what is encoded.
const DIGITS: usize = 12;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "atlassian_data_center_token",
    name: "Atlassian Data Center access token",
    summary: "Access tokens of Jira, Confluence and Bitbucket Data Center, by the number in base64 that they begin with",
    category: Category::Credentials,
    keywords: &["bitbucket", "confluence", "jira"],
    pattern: alone!("(?:BBDC-)?[MNO][ADQTgjwz][AEIMQUYcgk][0-5w-z][0-9A-Za-z+/]{40}"),
    match_bytes_max: 64,
    validators: &["base64"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"jira_token":"OTQ1ODA3MzAyMTU3On7CNH8GbtCPXcdRJEfjQEMAAmtu"}"#,
            &["OTQ1ODA3MzAyMTU3On7CNH8GbtCPXcdRJEfjQEMAAmtu"],
        ),
        example(
            "Authorization: Bearer BBDC-MjI0NTM4MzIzNjQwOrjUVEqHIamaAa0hnrWc9qFe9vFa",
            &["BBDC-MjI0NTM4MzIzNjQwOrjUVEqHIamaAa0hnrWc9qFe9vFa"],
        ),
        example("no number in it MZ1yGvKTjE0rY0cV8i47CjAaQ2hP5tUxW9nLbE3sD6fK", &[]),
        example("cut short OTQ1ODA3MzAyMTU3On7CNH8GbtCPXc", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let token = sample.matched.get(lead..)?;
    let mut bytes = base64_bytes(token.strip_prefix(PREFIX).unwrap_or(token));
    let is_number = bytes.by_ref().take(DIGITS).all(|byte| byte.is_ascii_digit());
    let real = is_number && bytes.next() == Some(b':');
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
