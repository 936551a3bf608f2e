//! `voyage_api_key`: Voyage AI API key.
//!
//! **Format.** `pa-` or `al-` and 43 letters, digits, `-` or `_`, assigned to a name of at most 30
//! more characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `voyageai.go`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "voyage_api_key",
    name: "Voyage AI API key",
    summary: "Voyage AI API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["voyage"],
    pattern: assigned!("voyage", "(?:al|pa)-[0-9A-Za-z_-]{43}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "VOYAGE_API_KEY=al-PMpmtvhbwNb_pRrLNrjXmHabYEP5y0SqKaXpX6JgrkU",
            &["al-PMpmtvhbwNb_pRrLNrjXmHabYEP5y0SqKaXpX6JgrkU"],
        ),
        example(
            r#"VOYAGE_API_KEY = "pa-YitOgj1qzWEZ3vCbBd6E3UkbkZtoaSHZB9UKz8nd1s6""#,
            &["pa-YitOgj1qzWEZ3vCbBd6E3UkbkZtoaSHZB9UKz8nd1s6"],
        ),
        example(
            r#"{"voyageai": "pa-XFb2GPblZhFZ3TvVOVxKEgoHhgM5xWWu90p0JPGJQML"}"#,
            &["pa-XFb2GPblZhFZ3TvVOVxKEgoHhgM5xWWu90p0JPGJQML"],
        ),
        example("no name before it: pa-YitOgj1qzWEZ3vCbBd6E3UkbkZtoaSHZB9UKz8nd1s6", &[]),
        example(r#"VOYAGE_API_KEY = "pa-Yxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
