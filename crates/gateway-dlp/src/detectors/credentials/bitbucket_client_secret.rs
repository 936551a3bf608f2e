//! `bitbucket_client_secret`: Bitbucket OAuth secret.
//!
//! **Format.** 32 letters or digits, or 64 letters, digits, `-` or `_`, assigned to a name of at
//! most 30 more characters; the name is no part of the finding. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `bitbucket-client-secret`, for 64 characters;
//! Bitbucket Cloud, "OAuth consumers", for 32.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bitbucket_client_secret",
    name: "Bitbucket OAuth secret",
    summary: "Bitbucket OAuth secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["bitbucket"],
    pattern: assigned!("bitbucket", "[0-9A-Za-z]{32}|[0-9A-Za-z_-]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "BITBUCKET_CLIENT_SECRET=ftQRRHlbGsoS3inMMxDssyYLq7ota9bcKe0O0BPLFl5sdqrMRPZ6LF6PTW74TYn7",
            &["ftQRRHlbGsoS3inMMxDssyYLq7ota9bcKe0O0BPLFl5sdqrMRPZ6LF6PTW74TYn7"],
        ),
        example(
            r#"bitbucket = "47TfrzBm7PqEcKeGnk9cKitZaATwVvFC""#,
            &["47TfrzBm7PqEcKeGnk9cKitZaATwVvFC"],
        ),
        example(
            r#"{"bitbucket": "5CrhP3W8wDO91UCtlCMoDqonUHnK5PYz"}"#,
            &["5CrhP3W8wDO91UCtlCMoDqonUHnK5PYz"],
        ),
        example("no name before it: 47TfrzBm7PqEcKeGnk9cKitZaATwVvFC", &[]),
        example(r#"bitbucket = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
