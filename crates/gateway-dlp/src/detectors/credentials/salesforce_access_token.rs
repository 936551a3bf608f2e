//! `salesforce_access_token`: Salesforce access token, which is the id of a session as well.
//!
//! **Format.** `00D` and 12 letters or digits, the id of an organisation, `!` and 80 to 260
//! letters, digits, points, `-` or `_`. No ASCII letter, digit or `_` may touch it, but an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `salesforce.go`. On the kind: Salesforce, "OAuth tokens and scopes".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "salesforce_access_token",
    name: "Salesforce access token",
    summary: "Salesforce access token, by the id of an organisation before it, length and alphabet",
    category: Category::Credentials,
    keywords: &["oauth", "salesforce", "sfdx"],
    pattern: alone!("00D[0-9A-Za-z]{12}![0-9A-Za-z._-]{80,}"),
    match_bytes_max: 288,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"access_token":"00D4sMEn23XGt1C!AQGGx6KtyQqDTjD3saRZkb2l26nkaylEMyosHNwyloPdBMZQf4G9SBSqfPDA28uSwNccStq3fiOLUwQmLeR2zufwl8Y2WVWx"}"#,
            &[
                "00D4sMEn23XGt1C!AQGGx6KtyQqDTjD3saRZkb2l26nkaylEMyosHNwyloPdBMZQf4G9SBSqfPDA28uSwNccStq3fiOLUwQmLeR2zufwl8Y2WVWx",
            ],
        ),
        example(
            "Authorization: Bearer 00Dqg6nXwieqRg6!ARaVXOEpLJ0qrqKdHsF0qHM3XlSd.D9i_MEeq6iTqTfibBb5z6_aBfCt3xq6KceMheFYV_rKSteQVz1HwG9kX0HM9awdGDw7",
            &[
                "00Dqg6nXwieqRg6!ARaVXOEpLJ0qrqKdHsF0qHM3XlSd.D9i_MEeq6iTqTfibBb5z6_aBfCt3xq6KceMheFYV_rKSteQVz1HwG9kX0HM9awdGDw7",
            ],
        ),
        example("cut short 00D4sMEn23XGt1C!AQGGx6KtyQqDTjD3saRZkb2l26nkaylEMyosHNwyloPd", &[]),
        example(
            "a placeholder 00D000000000000!xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
