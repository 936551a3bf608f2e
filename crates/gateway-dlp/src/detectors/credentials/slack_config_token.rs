//! `slack_config_token`: Slack configuration token.
//!
//! **Format.** `xoxe-`, a digit, a dash and 140 to 150 letters or digits; or `xoxe.xoxp-` or
//! `xoxe.xoxb-`, a digit, a dash and 160 to 170. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `slack-config-refresh-token`. On the kind: Slack,
//! "Token types" and "Token rotation".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "slack_config_token",
    name: "Slack configuration token",
    summary: "Slack configuration token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["slack"],
    pattern: r"xoxe(?:-[0-9]-[0-9A-Za-z]{140,150}|\.xox[bp]-[0-9]-[0-9A-Za-z]{160,})\b{end-half}",
    match_bytes_max: 192,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "xoxe-8-YvUWaeB34WHGSDSen6F6StPCr5xSlbASclRobRuc6sp7yYkZVzvEdabJsdye1QXron7v4zxor7sCXgQJMmf6vVSgEkCfTT84am2gxzqeEKGJEYTHkgCUu6iTpwx4waNFxfcqn9JvjjPIkrvbfO""#,
            &[
                "xoxe-8-YvUWaeB34WHGSDSen6F6StPCr5xSlbASclRobRuc6sp7yYkZVzvEdabJsdye1QXron7v4zxor7sCXgQJMmf6vVSgEkCfTT84am2gxzqeEKGJEYTHkgCUu6iTpwx4waNFxfcqn9JvjjPIkrvbfO",
            ],
        ),
        example(
            "export TOKEN=xoxe.xoxp-8-XnXFZnpa8Gp3ZLGFGAIsaj9TTHyZos8rzX854DHY5GkZKCGufaN0fZicMT0uRZTYPXlCNKiUe7Zcsg20jWYRlh06hIsdWKP9DW7GWBqbuD12ZgCN1Gm4MYVgO0RtyX2nsyfZBqeaIwnWPBr0TOjjN8hBUEs4Foa8TAtFf3\n",
            &[
                "xoxe.xoxp-8-XnXFZnpa8Gp3ZLGFGAIsaj9TTHyZos8rzX854DHY5GkZKCGufaN0fZicMT0uRZTYPXlCNKiUe7Zcsg20jWYRlh06hIsdWKP9DW7GWBqbuD12ZgCN1Gm4MYVgO0RtyX2nsyfZBqeaIwnWPBr0TOjjN8hBUEs4Foa8TAtFf3",
            ],
        ),
        example(
            "cut short xoxe-8-YvUWaeB34WHGSDSen6F6StPCr5xSlbASclRobRuc6sp7yYkZVzvEdabJsdye1QXron7v4",
            &[],
        ),
        example(
            "a placeholder xoxe-8-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
