//! `npmrc_password`: npm registry login.
//!
//! **Format.** 16 to 200 characters of base64, or a UUID as older tokens are, assigned to `_auth`,
//! `_authToken` or `_password`, as in `.npmrc`; behind the host of a registry, `//registry.example/:`,
//! any 8 to 200 letters, digits, `-`, `_`, `.`, `+` or `/`. The name is no part of the finding. No ASCII
//! letter, digit or `_` may touch name and value.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** npm, ".npmrc", auth related configuration.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::value;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "npmrc_password",
    name: "npm registry login",
    summary: "npm registry login, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["_auth", "npm", "registry"],
    pattern: concat!(
        r#"\b{start-half}(?i:_(?:auth|authtoken|password))["']?[ \t]{0,4}[:=][ \t"']{0,4}"#,
        r"(?:[0-9A-Za-z+/]{16,}={0,2}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b{end-half}",
        r"|//[0-9A-Za-z.-]{4,64}(?::[0-9]{2,5})?(?:/[0-9A-Za-z._~-]{1,32}){0,4}/:",
        r#"(?i:_(?:auth|authtoken|password))[ \t]{0,4}=[ \t"']{0,4}[0-9A-Za-z._+/-]{8,}={0,2}\b{end-half}"#,
    ),
    match_bytes_max: 448,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "//registry.example/:_authToken=5d0c3f7e-b934-0051-e467-ab4a36ee0987",
            &["5d0c3f7e-b934-0051-e467-ab4a36ee0987"],
        ),
        example("//npm.corp.example:4873/:_authToken=CUSTOM_KEY_4821", &["CUSTOM_KEY_4821"]),
        example("//npm.corp.example/:_auth=YWRhOnE4WnQ=", &["YWRhOnE4WnQ="]),
        example("//registry.example/:_authToken=${NPM_TOKEN}", &[]),
        example("//registry.example/:_authToken=npm_xxxxxxxxxxx", &[]),
        example("x_auth_request_id: 5d0c3f7e-b934-0051-e467-ab4a36ee0987", &[]),
        example(
            r#"//registry.example/:_password = "RapUEp5EwoRgdk2a6Io5R7chp/YP""#,
            &["RapUEp5EwoRgdk2a6Io5R7chp/YP"],
        ),
        example(r#"{"_auth": "o6CXq9iGgS6anbeFnUdaU9H6px/8"}"#, &["o6CXq9iGgS6anbeFnUdaU9H6px/8"]),
        example("no name before it: RapUEp5EwoRgdk2a6Io5R7chp/YP", &[]),
        example(r#"//registry.example/:_password = "xxxxxxxxxxxxxxxxxxxxxxxxx/xx""#, &[]),
        example("MY_AUTH_KIND: RestrictedSharedResourceProcess", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
