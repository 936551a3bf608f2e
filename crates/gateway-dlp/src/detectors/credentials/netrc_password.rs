//! `netrc_password`: password in a `.netrc` file.
//!
//! **Format.** `machine` and a host, or `default`, `login` and a user, `password` and what follows
//! up to white space, all parted by spaces or ends of lines; the password alone is found. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** It is none that manuals name, and no reference to a variable.
//!
//! **Source.** GNU Inetutils, "The .netrc file".
//!
//! **Confidence.** High: the words around it tell what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::is_told_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "netrc_password",
    name: "Password in a netrc file",
    summary: "Passwords in netrc files, by the words around them",
    category: Category::Credentials,
    keywords: &["login", "machine", "netrc", "password"],
    pattern: r#"\b{start-half}(?:machine\s{1,4}[0-9A-Za-z._-]{1,128}|default)\s{1,8}login\s{1,4}[^\s"'<>]{1,128}\s{1,8}password\s{1,4}[^\s"'<>]{4,128}\b{end-half}"#,
    match_bytes_max: 448,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example("machine api.example.org login ada password wV7kQp9d2L\n", &["wV7kQp9d2L"]),
        example("machine git.test\n  login bob\n  password 8fK2-mZx!q\n", &["8fK2-mZx!q"]),
        example("default login anonymous password guest\n", &[]),
        example("the machine has a login and a password for all", &[]),
        example("machine a.test login bob password ${PASSWORD}\n", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = sample.matched.iter().rposition(u8::is_ascii_whitespace)? + 1;
    let password = sample.matched.get(lead..)?;
    let is_real = !is_told_password(password.iter().copied());
    is_real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
