//! `sumologic_access_key`: Sumo Logic access key.
//!
//! **Format.** 64 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sumologic-access-token`. On the kind: Sumo Logic,
//! "Access keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sumologic_access_key",
    name: "Sumo Logic access key",
    summary: "Sumo Logic access key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["sumologic"],
    pattern: assigned!(r"(?:\b{start-half}|_)sumo(?:[ _-]?logic|[_-])", "[0-9A-Za-z]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"sumologic_key = "z4Z42wfmCGmCjYT1nRqDAuFpXBajf2FO82HU7F9kjVj28vyUZewAbLpPHpoXayAY""#,
            &["z4Z42wfmCGmCjYT1nRqDAuFpXBajf2FO82HU7F9kjVj28vyUZewAbLpPHpoXayAY"],
        ),
        example(
            r#"{"SUMO_ACCESS_KEY": "uL1QmaAuEhs8SHguqTbd4es0dQAsvIq0QLPSuVEe8dJcD6LIr3TBp1irB2t3Rqdu"}"#,
            &["uL1QmaAuEhs8SHguqTbd4es0dQAsvIq0QLPSuVEe8dJcD6LIr3TBp1irB2t3Rqdu"],
        ),
        example(
            "no name before it: z4Z42wfmCGmCjYT1nRqDAuFpXBajf2FO82HU7F9kjVj28vyUZewAbLpPHpoXayAY",
            &[],
        ),
        example(
            r#"sumologic_key = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
