//! `bearer_authorization`: Bearer authorization header with a token.
//!
//! **Format.** `Authorization: Bearer ` in any case, also as a field of JSON or of a map in source
//! text, and 20 to 512 characters of those that tokens may have; the token alone is found. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** The token has a digit and looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** RFC 6750, section 2.1.
//!
//! **Confidence.** Medium: the header tells what it is, but manuals have such headers too.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bearer_authorization",
    name: "Bearer authorization header",
    summary: "Tokens in headers of bearer authentication, by the header and what is random",
    category: Category::Credentials,
    keywords: &["authorization", "bearer"],
    pattern: r#"(?i:authorization["'\]]{0,2}[ ]?[:=,]\s{0,2}["'`]?bearer )[0-9A-Za-z._~+/-]{20,}={0,2}\b{end-half}"#,
    match_bytes_max: 560,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer 27e03af2a080ad8541c11a795e1d763f588b265b",
            &["27e03af2a080ad8541c11a795e1d763f588b265b"],
        ),
        example(
            r#"{"Authorization": "Bearer koqrtleWvTDuRgR3yNwos_bDWmE4kuv4VGOfYcMuqbx"}"#,
            &["koqrtleWvTDuRgR3yNwos_bDWmE4kuv4VGOfYcMuqbx"],
        ),
        example(
            "headers['Authorization'] = 'Bearer 27e03af2a080ad8541c11a795e1d763f588b265b'",
            &["27e03af2a080ad8541c11a795e1d763f588b265b"],
        ),
        example("Authorization: Bearer your_access_token_goes_here", &[]),
        example("Authorization: Bearer eyShortOne1", &[]),
        example("Authorization: Bearer authenticationTokenOfTheUser", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = sample.matched.iter().rposition(|byte| *byte == b' ')? + 1;
    let token = sample.matched.get(lead..)?;
    let is_drawn = token.iter().any(u8::is_ascii_digit) && is_random(token);
    is_drawn.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
