//! `redis_url`: Redis URL with password.
//!
//! **Format.** The scheme `redis` or `rediss`, `://`, a user of at most 64 characters, a colon, a
//! password of 3 to 128 characters, `@` and a host; neither quotes, brackets, white space nor
//! further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** IANA, URI scheme `redis`.
//!
//! **Confidence.** High: user and password have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "redis_url",
    name: "Redis URL with password",
    summary: "Redis URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["connection", "database", "password"],
    pattern: r#"(?i:rediss?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "redis://default:q8Zt2LmV0c@cache.corp.example:6379/0""#,
            &["redis://default:q8Zt2LmV0c@cache.corp.example"],
        ),
        example("URL=rediss://:Xr7YpKw3@10.0.0.7\n", &["rediss://:Xr7YpKw3@10.0.0.7"]),
        example("no password redis://default@cache.corp.example:6379/0", &[]),
        example("a placeholder redis://default:password@cache.corp.example:6379/0", &[]),
        example("a variable redis://default:${PASSWORD}@cache.corp.example:6379/0", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::High)
}
