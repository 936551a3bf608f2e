//! `datadog_app_key`: Datadog application key.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `datadog.yml`. On the kind: Datadog, "API and application keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "datadog_app_key",
    name: "Datadog application key",
    summary: "Datadog application key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["datadog"],
    pattern: assigned!("(?:datadog|dd)[_. -]?(?:app)", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"DD_APP_KEY = "1809c99f9461cd0bfc520e1413e80e655ba5a8d8""#,
            &["1809c99f9461cd0bfc520e1413e80e655ba5a8d8"],
        ),
        example(
            r#"{"datadog-application": "1ba395d49f94fdd59eaee426b25faeb409127a47"}"#,
            &["1ba395d49f94fdd59eaee426b25faeb409127a47"],
        ),
        example("no name before it: 1809c99f9461cd0bfc520e1413e80e655ba5a8d8", &[]),
        example(r#"DD_APP_KEY = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
