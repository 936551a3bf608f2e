//! `web_url_password`: Web URL with password.
//!
//! **Format.** The scheme `http` or `https`, `://`, a user of at most 64 characters, a colon, a
//! password of 3 to 128 characters, `@` and a host; neither quotes, brackets, white space nor
//! further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** RFC 3986 section 3.2.1.
//!
//! **Confidence.** Medium: user and password have no other purpose, but sites take what they do not
//! need.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "web_url_password",
    name: "Web URL with password",
    summary: "Web URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["password"],
    pattern: r#"(?i:https?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "https://deploy:q8Zt2LmV0c@git.corp.example/a.git""#,
            &["https://deploy:q8Zt2LmV0c@git.corp.example"],
        ),
        example("URL=http://u1:Xr7YpKw3@10.0.0.7/\n", &["http://u1:Xr7YpKw3@10.0.0.7"]),
        example("no password https://deploy@git.corp.example/a.git", &[]),
        example("a placeholder https://deploy:password@git.corp.example/a.git", &[]),
        example("a variable https://deploy:${PASSWORD}@git.corp.example/a.git", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::Medium)
}
