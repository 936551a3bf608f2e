//! `clojars_token`: Clojars deploy token.
//!
//! **Format.** `CLOJARS_` and 60 letters in lower case or digits. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `clojars-api-token`. On the kind: Clojars wiki,
//! "Deploy tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "clojars_token",
    name: "Clojars deploy token",
    summary: "Clojars deploy token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["clojars"],
    pattern: r"CLOJARS_[0-9a-z]{60}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"CLOJARS_f7z7sa319ok83z7x9h0xm3e5auv0hu3oki0sakxjx90bi52h7o339fr15vjw","id":7}"#,
            &["CLOJARS_f7z7sa319ok83z7x9h0xm3e5auv0hu3oki0sakxjx90bi52h7o339fr15vjw"],
        ),
        example(
            "export TOKEN=CLOJARS_hh0v4wif7f38fijpxet573j5pwmc0d3ucwbtfyu87afz6z6e5oo71tgrdeyc\n",
            &["CLOJARS_hh0v4wif7f38fijpxet573j5pwmc0d3ucwbtfyu87afz6z6e5oo71tgrdeyc"],
        ),
        example("cut short CLOJARS_f7z7sa319ok83z7x9h0xm3e5au", &[]),
        example(
            "a placeholder CLOJARS_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
