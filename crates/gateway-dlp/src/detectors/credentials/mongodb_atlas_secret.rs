//! `mongodb_atlas_secret`: MongoDB Atlas service account secret.
//!
//! **Format.** `mdb_sa_sk_` and 40 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `mongodb-atlas-service-account-secret`. On
//! the kind: MongoDB Atlas, "Service accounts overview".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mongodb_atlas_secret",
    name: "MongoDB Atlas service account secret",
    summary: "MongoDB Atlas service account secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["atlas", "mongodb"],
    pattern: r"mdb_sa_sk_[0-9A-Za-z_-]{40}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "MONGODB_ATLAS_CLIENT_SECRET=mdb_sa_sk_oIFieCIPnINFB44cHjXpcK_42PEnKYAiJ6-Rkcgk",
            &["mdb_sa_sk_oIFieCIPnINFB44cHjXpcK_42PEnKYAiJ6-Rkcgk"],
        ),
        example(
            r#"{"client_secret":"mdb_sa_sk_kq0y2ccpPBAnb3KxrKw1nNx1XmjIMGuJpeiG8YqR"}"#,
            &["mdb_sa_sk_kq0y2ccpPBAnb3KxrKw1nNx1XmjIMGuJpeiG8YqR"],
        ),
        example("cut short mdb_sa_sk_oIFieCIPnINFB44cHjXp", &[]),
        example("a placeholder mdb_sa_sk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 10;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
