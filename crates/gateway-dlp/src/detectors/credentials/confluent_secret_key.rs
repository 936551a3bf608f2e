//! `confluent_secret_key`: Confluent API secret.
//!
//! **Format.** 64 characters of base64, assigned to a name of at most 30 more characters; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `confluent-secret-key`. On the kind: Confluent
//! Cloud, "API keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "confluent_secret_key",
    name: "Confluent API secret",
    summary: "Confluent API secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["confluent"],
    pattern: assigned!("confluent", "[0-9A-Za-z+/]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"confluent = "Z0Ypl2KPLG3p0/N6aGmTXVklAFU23AEAtvPtt3sSvByhg+Qav2vPoi5ImoYiUVPf""#,
            &["Z0Ypl2KPLG3p0/N6aGmTXVklAFU23AEAtvPtt3sSvByhg+Qav2vPoi5ImoYiUVPf"],
        ),
        example(
            r#"{"confluent": "POZZ9n0SkPXXMxq4wYb3LJxjxDXoI1GLDdrn/JwT9eSTYJdMEJdgbO9NwKTmPJRI"}"#,
            &["POZZ9n0SkPXXMxq4wYb3LJxjxDXoI1GLDdrn/JwT9eSTYJdMEJdgbO9NwKTmPJRI"],
        ),
        example(
            "no name before it: Z0Ypl2KPLG3p0/N6aGmTXVklAFU23AEAtvPtt3sSvByhg+Qav2vPoi5ImoYiUVPf",
            &[],
        ),
        example(
            r#"confluent = "xxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
