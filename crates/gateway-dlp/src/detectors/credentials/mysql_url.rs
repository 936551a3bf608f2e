//! `mysql_url`: MySQL URL with password.
//!
//! **Format.** The scheme `mysql`, `mysqlx` or `mariadb`, which may name a driver, `://`, a user of
//! at most 64 characters, a colon, a password of 3 to 128 characters, `@` and a host; neither
//! quotes, brackets, white space nor further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** MySQL Shell, "Connecting using URI-like strings".
//!
//! **Confidence.** High: user and password have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mysql_url",
    name: "MySQL URL with password",
    summary: "MySQL URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["connection", "database", "password"],
    pattern: r#"(?i:(?:mysql|mariadb)(?:x|[+][0-9a-z]{2,16})?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "mysql://shop:q8Zt2LmV0c@db.corp.example/shop""#,
            &["mysql://shop:q8Zt2LmV0c@db.corp.example"],
        ),
        example(
            "URL=mysql+pymysql://u1:Xr7YpKw3@10.0.0.7\n",
            &["mysql+pymysql://u1:Xr7YpKw3@10.0.0.7"],
        ),
        example("no password mysql://shop@db.corp.example/shop", &[]),
        example("a placeholder mysql://shop:password@db.corp.example/shop", &[]),
        example("a variable mysql://shop:${PASSWORD}@db.corp.example/shop", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::High)
}
