//! `curl_password`: Password of a curl command.
//!
//! **Format.** `curl`, and at most 200 characters later on the same line `-u`, `--user` or
//! `--proxy-user`, a name, `:` and 4 to 64 characters other than quotes, brackets and blanks.
//! The password alone is found.
//!
//! **Validator.** The password is none that manuals name, and no reference to a variable.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `curl-auth-user`. On the option: curl, manual
//! page, `--user`.
//!
//! **Confidence.** Medium: the command tells what it is, but manuals have such commands too.

use gateway_inspect::Confidence;

use crate::detectors::secret::is_told_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "curl_password",
    name: "Password of a curl command",
    summary: "Passwords in commands of curl, by its options",
    category: Category::Credentials,
    keywords: &["curl", "user"],
    pattern: concat!(
        r#"\b{start-half}curl[ \t][^\n|;]{0,200}?(?:-u|--user|--proxy-user)[ =]{0,2}["']?"#,
        r#"[^\s:"'`$<>/]{1,64}:[^\s"'`<>(){}\[\]:/@]{4,64}\b{end-half}"#,
    ),
    match_bytes_max: 384,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example("curl -s -u elastic:q8Zt2LmV0c https://es.corp.example:9200", &["q8Zt2LmV0c"]),
        example(
            r#"curl --cacert ca.crt --user "ada:Xr7YpKw3" -X POST http://corp.example"#,
            &["Xr7YpKw3"],
        ),
        example("curl -u $NAME:$PASSWORD https://corp.example", &[]),
        example("curl -u user:password https://corp.example", &[]),
        example("curl -u ada https://corp.example:8443/", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"\"'`;&<\\".contains(&byte);
    if !sample.after.is_none_or(is_end) {
        return None;
    }
    let lead = sample.matched.iter().rposition(|byte| *byte == b':')? + 1;
    if is_told_password(sample.matched.get(lead..)?.iter().copied()) {
        return None;
    }
    Some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
