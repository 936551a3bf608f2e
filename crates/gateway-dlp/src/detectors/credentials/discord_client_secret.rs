//! `discord_client_secret`: Discord client secret.
//!
//! **Format.** 32 letters, digits, `-` or `_`, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `discord-client-secret`. On the kind: Discord
//! developer documentation, "OAuth2".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "discord_client_secret",
    name: "Discord client secret",
    summary: "Discord client secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["discord"],
    pattern: assigned!("discord", "[0-9A-Za-z_-]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"discord = "vGNQVZ1GeNyKodqFJpgCeCZv56c0UsHw""#,
            &["vGNQVZ1GeNyKodqFJpgCeCZv56c0UsHw"],
        ),
        example(
            r#"{"discord": "tUaMXmsQAOjfamycDv63ufZHmaTLWk02"}"#,
            &["tUaMXmsQAOjfamycDv63ufZHmaTLWk02"],
        ),
        example("no name before it: vGNQVZ1GeNyKodqFJpgCeCZv56c0UsHw", &[]),
        example(r#"discord = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
