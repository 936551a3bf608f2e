//! `aws_secret_key`: AWS secret access key.
//!
//! **Format.** 40 characters of base64, assigned to a name of at most 30 more characters; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `data/rules/aws.yml`. On the kind: AWS IAM User Guide, "Manage access
//! keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aws_secret_key",
    name: "AWS secret access key",
    summary: "AWS secret access key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["aws", "secret access key"],
    pattern: assigned!("secret[_. -]?(?:access[_. -]?)?key", "[0-9A-Za-z+/]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"aws_secret_access_key = "2O2/Z4Tt17fav+cHZx9JnwVyH7YDbrRhUZy9Or0h""#,
            &["2O2/Z4Tt17fav+cHZx9JnwVyH7YDbrRhUZy9Or0h"],
        ),
        example(
            r#"{"SecretAccessKey": "RnS0ND6ggIXHAVN3llIASSQA6DlvYN/6jLCghIls"}"#,
            &["RnS0ND6ggIXHAVN3llIASSQA6DlvYN/6jLCghIls"],
        ),
        example("no name before it: 2O2/Z4Tt17fav+cHZx9JnwVyH7YDbrRhUZy9Or0h", &[]),
        example(r#"aws_secret_access_key = "xxx/xxxxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
