//! `github_app_token`: tokens of installed GitHub apps.
//!
//! **Format.** `ghs_`, the number of an app, `_` and a JSON web token. Of a longer one the first
//! KiB is found.
//!
//! **Validator.** The first part of the web token is base64 of text that ends with `}`.
//!
//! **Source.** GitHub Docs, "Generating an installation access token for a GitHub App". Tokens of
//! the older form are found by `github_token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base64_bytes;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "github_app_token",
    name: "GitHub app token",
    summary: "Tokens of installed GitHub apps, by prefix and the JSON object that follows",
    category: Category::Credentials,
    keywords: &["github", "token"],
    pattern: concat!(
        r"ghs_[0-9]{1,20}_eyJ[0-9A-Za-z_-]{14,}",
        r"\.[0-9A-Za-z_-]{14,}\.[0-9A-Za-z_-]{32,}",
    ),
    match_bytes_max: 1024,
    validators: &["base64"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "GITHUB_TOKEN=ghs_481516_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnaXRodWIiLCJleHAiOjE3OTU3NzcyMDB9.DQ8B8vW2ZBjyaXYl1AcCtLn99MHwP708dWgW5hQxdGlvxzX3SCb8FNVgnX6JVR7s",
            &[
                "ghs_481516_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnaXRodWIiLCJleHAiOjE3OTU3NzcyMDB9.DQ8B8vW2ZBjyaXYl1AcCtLn99MHwP708dWgW5hQxdGlvxzX3SCb8FNVgnX6JVR7s",
            ],
        ),
        example(
            r#"{"token":"ghs_2342_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnaXRodWIiLCJleHAiOjE3OTU3NzcyMDB9.DQ8B8vW2ZBjyaXYl1AcCtLn99MHwP708dWgW5hQxdGlvxzX3SCb8FNVgnX6JVR7s","type":"app"}"#,
            &[
                "ghs_2342_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnaXRodWIiLCJleHAiOjE3OTU3NzcyMDB9.DQ8B8vW2ZBjyaXYl1AcCtLn99MHwP708dWgW5hQxdGlvxzX3SCb8FNVgnX6JVR7s",
            ],
        ),
        example(
            "no object ghs_481516_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJa.eyJpc3MiOiJnaXRodWIiLCJleHAiOjE3OTU3NzcyMDB9.DQ8B8vW2ZBjyaXYl1AcCtLn99MHwP708dWgW5hQxdGlvxzX3SCb8FNVgnX6JVR7s",
            &[],
        ),
        example(
            "no number ghs_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnaXRodWIiLCJleHAiOjE3OTU3NzcyMDB9.DQ8B8vW2ZBjyaXYl1AcCtLn99MHwP708dWgW5hQxdGlvxzX3SCb8FNVgnX6JVR7s",
            &[],
        ),
        example("cut short ghs_481516_eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJn", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let header = sample.matched.split(|byte| *byte == b'.').next()?;
    let begin = header.windows(3).position(|part| part == b"eyJ")?;
    let real = base64_bytes(header.get(begin..)?).last() == Some(b'}');
    if real { Judgement::whole(Confidence::High) } else { None }
}
