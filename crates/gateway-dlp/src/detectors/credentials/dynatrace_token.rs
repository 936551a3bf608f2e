//! `dynatrace_token`: Dynatrace access token.
//!
//! **Format.** `dt0`, a letter and two digits for the kind, a point, 24 capitals or digits, eight
//! in those of OAuth clients and platform tokens (`dt0s`), a point and 64 more. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Dynatrace, "Access tokens", token format; gitleaks, `config/gitleaks.toml`,
//! `dynatrace-api-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dynatrace_token",
    name: "Dynatrace access token",
    summary: "Dynatrace access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["dynatrace"],
    pattern: alone!(r"dt0(?:[a-z][0-9]{2}\.[0-9A-Z]{24}|s[0-9]{2}\.[0-9A-Z]{8})\.[0-9A-Z]{64}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "client_secret=dt0s02.OAJEJVEF.E5J3IAOQLJGHXYCYXPIYL4357SHAZGCJKD7GI7R5X6PMCDGXIF6BWLDUJFYE5KS5",
            &["dt0s02.OAJEJVEF.E5J3IAOQLJGHXYCYXPIYL4357SHAZGCJKD7GI7R5X6PMCDGXIF6BWLDUJFYE5KS5"],
        ),
        example(
            r#"{"key":"dt0a79.L15D076A6F6HIKT8MQNPAYM2.OP18X9GQH00J9RWPTSI4BW08OKRQZDTUOEKV6YDLABUWC2ZA3P2B9C9CUN26WM3V","id":7}"#,
            &[
                "dt0a79.L15D076A6F6HIKT8MQNPAYM2.OP18X9GQH00J9RWPTSI4BW08OKRQZDTUOEKV6YDLABUWC2ZA3P2B9C9CUN26WM3V",
            ],
        ),
        example(
            "export TOKEN=dt0d12.UMBI9HXUOQI9TM28OM1PQQC1.H1DJ4V4CEPH4QDQJRHU108ZJO0XZC5UV4GLQAYTYGT85XC4W3474TUOXAFF6NSO8\n",
            &[
                "dt0d12.UMBI9HXUOQI9TM28OM1PQQC1.H1DJ4V4CEPH4QDQJRHU108ZJO0XZC5UV4GLQAYTYGT85XC4W3474TUOXAFF6NSO8",
            ],
        ),
        example("cut short dt0a79.L15D076A6F6HIKT8MQNPAYM2.OP18X9GQH00J9RWP", &[]),
        example(
            "a placeholder dt0a79.xxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
