//! `postgres_url`: PostgreSQL URL with password.
//!
//! **Format.** The scheme `postgres` or `postgresql`, which may name a driver, `://`, a user of at
//! most 64 characters, a colon, a password of 3 to 128 characters, `@` and a host; neither quotes,
//! brackets, white space nor further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** PostgreSQL, "Connection URIs".
//!
//! **Confidence.** High: user and password have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "postgres_url",
    name: "PostgreSQL URL with password",
    summary: "PostgreSQL URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["connection", "database", "password"],
    pattern: r#"(?i:postgres(?:ql)?(?:[+][0-9a-z]{2,16})?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "postgres://shop:q8Zt2LmV0c@db.corp.example:5432/shop""#,
            &["postgres://shop:q8Zt2LmV0c@db.corp.example"],
        ),
        example(
            "URL=postgresql+asyncpg://u1:Xr7YpKw3@10.0.0.7\n",
            &["postgresql+asyncpg://u1:Xr7YpKw3@10.0.0.7"],
        ),
        example("no password postgres://shop@db.corp.example:5432/shop", &[]),
        example("a placeholder postgres://shop:password@db.corp.example:5432/shop", &[]),
        example("a variable postgres://shop:${PASSWORD}@db.corp.example:5432/shop", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::High)
}
