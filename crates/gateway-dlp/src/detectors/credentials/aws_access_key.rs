//! `aws_access_key`: access key ids of Amazon Web Services.
//!
//! **Format.** One of the prefixes for credentials (`AKIA` long-term, `ASIA` temporary, `ABIA`
//! bearer, `ACCA` context-specific) and 16 capital letters or digits; no capital letter or digit
//! may come right before it, no ASCII letter, digit or `_` right behind it.
//!
//! **Validator.** At least six different characters follow the prefix, so `AKIAXXXXXXXXXXXXXXXX`
//! in a manual is none.
//!
//! **Source.** AWS Identity and Access Management User Guide, "IAM identifiers", unique ID
//! prefixes; gitleaks, `config/gitleaks.toml`, `aws-access-token`.
//!
//! **Confidence.** Medium: the prefix is telling, but the id has no checksum.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::distinct;

/// Bytes of the prefix.
const PREFIX: usize = 4;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aws_access_key",
    name: "AWS access key id",
    summary: "Access key ids of Amazon Web Services, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["access key", "aws", "secret"],
    pattern: r"A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}\b{end-half}",
    match_bytes_max: 32,
    validators: &["distinct_characters"],
    test: Test::Judge(judge),
    examples: &[
        example("id = AKIAIOSFODNN7EXAMPLE", &["AKIAIOSFODNN7EXAMPLE"]),
        example(r#""key\nASIAIOSFODNN7EXAMPLE\n""#, &["ASIAIOSFODNN7EXAMPLE"]),
        example("AWS_KEY_ABIAIOSFODNN7EXAMPLE", &["ABIAIOSFODNN7EXAMPLE"]),
        example("a user, not a key: AIDAIOSFODNN7EXAMPLE", &[]),
        example("too short AKIAIOSFODNN7EXAMPL", &[]),
        example("too long AKIAIOSFODNN7EXAMPLES", &[]),
        example("part of more XAKIAIOSFODNN7EXAMPLE", &[]),
        example("a placeholder AKIAXXXXXXXXXXXXXXXX", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let joined = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let real =
        !sample.before.last().is_some_and(joined) && distinct(sample.matched.get(PREFIX..)?) >= 6;
    if real { Judgement::whole(Confidence::Medium) } else { None }
}
