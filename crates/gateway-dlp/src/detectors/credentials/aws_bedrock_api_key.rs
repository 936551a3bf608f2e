//! `aws_bedrock_api_key`: Amazon Bedrock API key.
//!
//! **Format.** `ABSK` and 109 or more characters of base64, for keys of long life; or
//! `bedrock-api-key-`, base64 of `bedrock.amazonaws.com` and 60 or more characters of it, for those
//! of short life; and padding. No ASCII letter, digit or `_` may touch it, but an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `aws-amazon-bedrock-api-key-long-lived` and
//! `-short-lived`; kingfisher, `aws.yml`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aws_bedrock_api_key",
    name: "Amazon Bedrock API key",
    summary: "Amazon Bedrock API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["aws", "bedrock"],
    pattern: alone!(
        "ABSK[0-9A-Za-z+/]{109,}={0,2}|bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[0-9A-Za-z+/]{60,}={0,2}"
    ),
    match_bytes_max: 2048,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "AWS_BEARER_TOKEN_BEDROCK=bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tbT2/auHGsBf4NVU4Y4MkJZy1Le7HS9uanLKftW+Fri/BqouvhhgEPkHreYxXAf67sMPJ9E7xGuj4dSrvB5aeTLbnzP+DfqDo0nSHWUfLAze/hJRUv2B/x0nx==",
            &[
                "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tbT2/auHGsBf4NVU4Y4MkJZy1Le7HS9uanLKftW+Fri/BqouvhhgEPkHreYxXAf67sMPJ9E7xGuj4dSrvB5aeTLbnzP+DfqDo0nSHWUfLAze/hJRUv2B/x0nx==",
            ],
        ),
        example(
            r#"token = "ABSKsN5o9YHWbewnfdo9JaVb8N9cCbnkZ3IGwZBaCK2sVoK6mbFQCRzC+JMx32IvACdBziYhV9hcY4lo7vQgl7kt4Gvj45wKV99PUwUuApg8qYsokdYo""#,
            &[
                "ABSKsN5o9YHWbewnfdo9JaVb8N9cCbnkZ3IGwZBaCK2sVoK6mbFQCRzC+JMx32IvACdBziYhV9hcY4lo7vQgl7kt4Gvj45wKV99PUwUuApg8qYsokdYo",
            ],
        ),
        example(
            "Authorization: Bearer ABSKDAjHfkSxRPvJojHLLHI3SZ8fQJQNz28Ye0vaeD8iXG6gbrqU8Ugvu+CApq36E7QPt5V1rbZ4eXr0MasvmdrdA0n7yoCciQCnRjCF3RRIlGMEK==",
            &[
                "ABSKDAjHfkSxRPvJojHLLHI3SZ8fQJQNz28Ye0vaeD8iXG6gbrqU8Ugvu+CApq36E7QPt5V1rbZ4eXr0MasvmdrdA0n7yoCciQCnRjCF3RRIlGMEK==",
            ],
        ),
        example("cut short ABSKsN5o9YHWbewnfdo9JaVb8N9cCbnkZ3IGwZBaCK2sVoK6mbFQCRzC+J", &[]),
        example(
            "a placeholder ABSKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
