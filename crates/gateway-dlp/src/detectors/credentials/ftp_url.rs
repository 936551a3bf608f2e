//! `ftp_url`: FTP URL with password.
//!
//! **Format.** The scheme `ftp`, `ftps` or `sftp`, `://`, a user of at most 64 characters, a colon,
//! a password of 3 to 128 characters, `@` and a host; neither quotes, brackets, white space nor
//! further `/` and `@` are in them.
//!
//! **Validator.** The password is none of those that stand in manuals, and no reference to a
//! variable.
//!
//! **Source.** RFC 1738 section 3.2.
//!
//! **Confidence.** High: user and password have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::secret::url_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ftp_url",
    name: "FTP URL with password",
    summary: "FTP URL with password, by scheme and user info",
    category: Category::Credentials,
    keywords: &["password"],
    pattern: r#"(?i:s?ftps?)://[^\s:/@"'<>`\\]{0,64}:[^\s/@"'<>`\\]{3,}@[0-9A-Za-z.-]{1,}\b{end-half}"#,
    match_bytes_max: 320,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"url = "ftp://files:q8Zt2LmV0c@ftp.corp.example/in""#,
            &["ftp://files:q8Zt2LmV0c@ftp.corp.example"],
        ),
        example("URL=sftp://u1:Xr7YpKw3@10.0.0.7\n", &["sftp://u1:Xr7YpKw3@10.0.0.7"]),
        example("no password ftp://files@ftp.corp.example/in", &[]),
        example("a placeholder ftp://files:password@ftp.corp.example/in", &[]),
        example("a variable ftp://files:${PASSWORD}@ftp.corp.example/in", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    url_password(sample, Confidence::High)
}
