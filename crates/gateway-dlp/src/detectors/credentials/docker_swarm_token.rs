//! `docker_swarm_token`: Docker swarm token.
//!
//! **Format.** `SWMTKN-1-`, 50 letters or digits in lower case, a dash and 25 more, which let a
//! node join; or `SWMKEY-1-` and 43 characters of base64, which unlock a manager. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Docker, "docker swarm join-token" and "Lock your swarm".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "docker_swarm_token",
    name: "Docker swarm token",
    summary: "Docker swarm tokens and unlock keys, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["docker", "swarm"],
    pattern: r"(?:SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}|SWMKEY-1-[0-9A-Za-z+/]{43})\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "docker swarm join --token SWMTKN-1-c8bj3gbr902wps4aelr8u5nwaevd6rcb8ufbgaxwy4ffxeqpxz-4fgklvc612r3kc3ibhg0xicn7 10.0.0.5:2377",
            &[
                "SWMTKN-1-c8bj3gbr902wps4aelr8u5nwaevd6rcb8ufbgaxwy4ffxeqpxz-4fgklvc612r3kc3ibhg0xicn7",
            ],
        ),
        example(
            "unlock with SWMKEY-1-uSXsNHz5hdTDskWcTOWFtjcdwBCRGja3o3kV/2WHPSw",
            &["SWMKEY-1-uSXsNHz5hdTDskWcTOWFtjcdwBCRGja3o3kV/2WHPSw"],
        ),
        example("cut short SWMTKN-1-c8bj3gbr902wps4aelr8u5nwaevd6rcb8ufbgaxwy4ffxeqpxz-", &[]),
        example("a placeholder SWMKEY-1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
