//! `sendbird_token`: Sendbird API token.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sendbird-access-token`. On the kind: Sendbird,
//! "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sendbird_token",
    name: "Sendbird API token",
    summary: "Sendbird API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["sendbird"],
    pattern: assigned!("sendbird", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"sendbird = "4c306aa0239a4ba273f6c4b3674e47c49bc343e9""#,
            &["4c306aa0239a4ba273f6c4b3674e47c49bc343e9"],
        ),
        example(
            r#"{"sendbird": "0cbbfd9964a97aa2d0bf8ab1943342983e21a743"}"#,
            &["0cbbfd9964a97aa2d0bf8ab1943342983e21a743"],
        ),
        example("no name before it: 4c306aa0239a4ba273f6c4b3674e47c49bc343e9", &[]),
        example(r#"sendbird = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
