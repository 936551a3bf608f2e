//! `amqp_url`: AMQP URL with password.
//!
//! **Format.** The scheme `amqp` or `amqps`, `://`, a user of at most 64 characters, a colon, a
//! password of 3 to 128 characters, `@` and a host; neither quotes, brackets, white space nor
//! further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** RabbitMQ, "URI specification".
//!
//! **Confidence.** High: user and password have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "amqp_url",
    name: "AMQP URL with password",
    summary: "AMQP URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["connection", "database", "password"],
    pattern: r#"(?i:amqps?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "amqp://worker:q8Zt2LmV0c@mq.corp.example:5672/jobs""#,
            &["amqp://worker:q8Zt2LmV0c@mq.corp.example"],
        ),
        example("URL=amqps://u1:Xr7YpKw3@10.0.0.7\n", &["amqps://u1:Xr7YpKw3@10.0.0.7"]),
        example("no password amqp://worker@mq.corp.example:5672/jobs", &[]),
        example("a placeholder amqp://worker:password@mq.corp.example:5672/jobs", &[]),
        example("a variable amqp://worker:${PASSWORD}@mq.corp.example:5672/jobs", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::High)
}
