//! `mongodb_url`: MongoDB URL with password.
//!
//! **Format.** The scheme `mongodb` or `mongodb+srv`, `://`, a user of at most 64 characters, a
//! colon, a password of 3 to 128 characters, `@` and a host; neither quotes, brackets, white space
//! nor further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** kingfisher, `data/rules/mongodb.yml`. On the form: MongoDB manual, "Connection
//! strings".
//!
//! **Confidence.** High: user and password have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mongodb_url",
    name: "MongoDB URL with password",
    summary: "MongoDB URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["connection", "database", "password"],
    pattern: r#"(?i:mongodb(?:\+srv)?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "mongodb+srv://app:q8Zt2LmV0c@cluster0.ab1cd.mongodb.net/shop""#,
            &["mongodb+srv://app:q8Zt2LmV0c@cluster0.ab1cd.mongodb.net"],
        ),
        example("URL=mongodb://u1:Xr7YpKw3@10.0.0.7:27017\n", &["mongodb://u1:Xr7YpKw3@10.0.0.7"]),
        example("no password mongodb+srv://app@cluster0.ab1cd.mongodb.net/shop", &[]),
        example("a placeholder mongodb+srv://app:password@cluster0.ab1cd.mongodb.net/shop", &[]),
        example("a variable mongodb+srv://app:${PASSWORD}@cluster0.ab1cd.mongodb.net/shop", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::High)
}
