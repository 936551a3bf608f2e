//! `influxdb_token`: InfluxDB API token.
//!
//! **Format.** 86 letters, digits, `-` or `_` and `==`, which is base64 of 64 bytes, assigned to a
//! name of at most 30 more characters; the name is no part of the finding. No ASCII letter, digit
//! or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `influxdb-api-token`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "influxdb_token",
    name: "InfluxDB API token",
    summary: "InfluxDB API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["influx"],
    pattern: assigned!("influx", "[0-9A-Za-z_-]{86}=="),
    match_bytes_max: 160,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "INFLUX_TOKEN=KxP8r9DWvbOH3LnpyKmkPTKLi-pOi9N3bos_b0vm2tSHeo3CFtI6n34mPFIZUF5MWd3nhq4YgCZDaDcBh9eBAR==",
            &[
                "KxP8r9DWvbOH3LnpyKmkPTKLi-pOi9N3bos_b0vm2tSHeo3CFtI6n34mPFIZUF5MWd3nhq4YgCZDaDcBh9eBAR==",
            ],
        ),
        example(
            r#"{"influxdb_token": "byVXjG9Fee1jx_75MWbxo1UyemVbmTm401H0K3Puu20zWKnNG7DMXTU9DjdbgmvPgF_LSB4zsBk9o79SFyJV6V=="}"#,
            &[
                "byVXjG9Fee1jx_75MWbxo1UyemVbmTm401H0K3Puu20zWKnNG7DMXTU9DjdbgmvPgF_LSB4zsBk9o79SFyJV6V==",
            ],
        ),
        example(
            "no name before it: KxP8r9DWvbOH3LnpyKmkPTKLi-pOi9N3bos_b0vm2tSHeo3CFtI6n34mPFIZUF5MWd3nhq4YgCZDaDcBh9eBAR==",
            &[],
        ),
        example(
            r#"influx = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx==""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
