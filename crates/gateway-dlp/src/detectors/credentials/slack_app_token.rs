//! `slack_app_token`: Slack app-level token.
//!
//! **Format.** `xapp-`, a digit, the id of an app, a number of 10 to 13 digits and 64 hexadecimal
//! digits, parted by dashes. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `slack-app-token`. On the kind: Slack, "Token
//! types".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "slack_app_token",
    name: "Slack app-level token",
    summary: "Slack app-level token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["slack"],
    pattern: r"xapp-[0-9]-A[0-9A-Z]{8,12}-[0-9]{10,13}-[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"xapp-8-AQICE54E1-5426657075687-b41a50f168a1a5382958201e3f19bdd83e1da0823b0920bd6fe6fc17cb184098","id":7}"#,
            &[
                "xapp-8-AQICE54E1-5426657075687-b41a50f168a1a5382958201e3f19bdd83e1da0823b0920bd6fe6fc17cb184098",
            ],
        ),
        example(
            "export TOKEN=xapp-5-AHLDYCOPB0R-7694973317292-31a36f3eb15b0b9f2b11a36ee88325226f08d22896d09db99458e01b01ef4d80\n",
            &[
                "xapp-5-AHLDYCOPB0R-7694973317292-31a36f3eb15b0b9f2b11a36ee88325226f08d22896d09db99458e01b01ef4d80",
            ],
        ),
        example("cut short xapp-8-AQICE54E1-5426657075687-b41a50f168a1a538", &[]),
        example(
            "a placeholder xapp-8-xxxxxxxxx-xxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
