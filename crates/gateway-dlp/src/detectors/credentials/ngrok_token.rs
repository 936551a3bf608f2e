//! `ngrok_token`: ngrok authtoken.
//!
//! **Format.** 26 or 27 letters or digits, `_` and 20 to 23 more, assigned to a name of at most
//! 30 more characters; the name is no part of the finding. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `ngrok.go`. On the kind: ngrok, "Authtokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ngrok_token",
    name: "ngrok authtoken",
    summary: "ngrok authtoken, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["authtoken", "ngrok"],
    pattern: assigned!("ngrok", "[0-9A-Za-z]{26,27}_[0-9A-Za-z]{20,23}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"NGROK_AUTHTOKEN = "DSWXbJPhakryLKLFn3YnrPf6lJO_doQdQqA5zd5SriKEc8WlT""#,
            &["DSWXbJPhakryLKLFn3YnrPf6lJO_doQdQqA5zd5SriKEc8WlT"],
        ),
        example(
            r#"{"ngrok_token": "o9bsQd2TMY2eGPYkWkSsSB1qZRA_k3rxvD6mvf155SxzOmzWO"}"#,
            &["o9bsQd2TMY2eGPYkWkSsSB1qZRA_k3rxvD6mvf155SxzOmzWO"],
        ),
        example("no name before it: DSWXbJPhakryLKLFn3YnrPf6lJO_doQdQqA5zd5SriKEc8WlT", &[]),
        example(r#"NGROK_AUTHTOKEN = "DSWXxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
