//! `gcp_service_account_key`: key files of Google service accounts.
//!
//! **Format.** The members `"type": "service_account"` and, at most 200 characters later,
//! `"private_key_id"` with 40 hexadecimal digits, as the key file has them; its private key is
//! found by `private_key`.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Google Cloud, "Create and delete service account keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gcp_service_account_key",
    name: "Google service account key",
    summary: "Key files of Google service accounts, by their first members",
    category: Category::Credentials,
    keywords: &["gcp", "google", "service account"],
    pattern: concat!(
        r#""type":\s{0,4}"service_account",\s{0,8}(?:"project_id":\s{0,4}"[0-9a-z:.-]{1,80}",\s{0,8})?"#,
        r#""private_key_id":\s{0,4}"[0-9a-f]{40}""#
    ),
    match_bytes_max: 256,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "{\"type\": \"service_account\",\n  \"project_id\": \"shop-1\",\n  \"private_key_id\": \"8f14e45fceea167a5a36dedd4bea2543b1c0a97d\"",
            &[
                "\"type\": \"service_account\",\n  \"project_id\": \"shop-1\",\n  \"private_key_id\": \"8f14e45fceea167a5a36dedd4bea2543b1c0a97d\"",
            ],
        ),
        example(
            r#"{"type":"service_account","private_key_id":"9f2c81d07ab34e651c0a97d8f14e45fceea167a5"}"#,
            &[
                r#""type":"service_account","private_key_id":"9f2c81d07ab34e651c0a97d8f14e45fceea167a5""#,
            ],
        ),
        example(r#"{"type": "service_account", "project_id": "shop-1"}"#, &[]),
        example(
            r#"{"type": "user", "private_key_id": "8f14e45fceea167a5a36dedd4bea2543b1c0a97d"}"#,
            &[],
        ),
    ],
};
