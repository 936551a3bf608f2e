//! `dropbox_token`: Dropbox access token.
//!
//! **Format.** `sl.`, for some `u.`, and 130 or more letters, digits, `-` or `_`; or, for tokens
//! that do not expire, eleven letters or digits, ten times `A` and 43 letters, digits, `-` or `_`,
//! assigned to a name with `dropbox` in it and at most 30 more characters, which is no part of the
//! finding. No ASCII letter, digit or `_` may follow, nor stand before a prefix but for an escape
//! such as `\n` or `%20`.
//!
//! **Validator.** What follows the prefix, or the value without its ten `A`, looks random: enough
//! entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `dropbox-short-lived-api-token` and
//! `dropbox-long-lived-api-token`; Dropbox developer documentation, "OAuth guide".
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value_start};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dropbox_token",
    name: "Dropbox access token",
    summary: "Dropbox access token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["dropbox"],
    pattern: concat!(
        alone!(r"sl\.(?:u\.)?[0-9A-Za-z_-]{130,}"),
        "|",
        assigned!("dropbox", "[0-9A-Za-z]{11}A{10}[0-9A-Za-z_-]{43}"),
    ),
    match_bytes_max: 2048,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: sl.3zc0f3CIlB2gqxasr5vrzRqGcgLku72GjUHlt6v7aNuotV-_UK9uswYlDg1AqY0CFHlnoX4bkx65QCGOiLWZA4KASUG4474J6QQdzfEtzvhXFqiTLk9HSzFBloP_Jtln2HN, and more",
            &[
                "sl.3zc0f3CIlB2gqxasr5vrzRqGcgLku72GjUHlt6v7aNuotV-_UK9uswYlDg1AqY0CFHlnoX4bkx65QCGOiLWZA4KASUG4474J6QQdzfEtzvhXFqiTLk9HSzFBloP_Jtln2HN",
            ],
        ),
        example(
            "export TOKEN=sl.u.yWlTcQ9YpCZ86570FBbl0viZJS2VLrifDW_Qkws422TOxZKe543_hBrM6yiiLWXlGvLxpCvQjDMRg_AykQ100hOglaKMpyepFIrMABP1Yo3uq-UDhm8kjfsOoSYYP71CIo6xv\n",
            &[
                "sl.u.yWlTcQ9YpCZ86570FBbl0viZJS2VLrifDW_Qkws422TOxZKe543_hBrM6yiiLWXlGvLxpCvQjDMRg_AykQ100hOglaKMpyepFIrMABP1Yo3uq-UDhm8kjfsOoSYYP71CIo6xv",
            ],
        ),
        example(
            "cut short sl.3zc0f3CIlB2gqxasr5vrzRqGcgLku72GjUHlt6v7aNuotV-_UK9uswYlDg1AqY0C",
            &[],
        ),
        example(
            "a placeholder sl.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxx",
            &[],
        ),
        example(
            "DROPBOX_TOKEN=PgkcfcQY7iuAAAAAAAAAAui0z3-moNnGFfbxYqso9apU9crGbcXadyUfI7PvsYPh",
            &["PgkcfcQY7iuAAAAAAAAAAui0z3-moNnGFfbxYqso9apU9crGbcXadyUfI7PvsYPh"],
        ),
        example(
            "no name before it: PgkcfcQY7iuAAAAAAAAAAui0z3-moNnGFfbxYqso9apU9crGbcXadyUfI7PvsYPh",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

/// Where the ten `A` of a token that does not expire stand in it.
const FILL: std::ops::Range<usize> = 11..21;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b's', b'l', b'.', ..] = begin {
        return token_alone(sample, PREFIX, Confidence::Medium);
    }
    let lead = value_start(sample.matched);
    let value = sample.matched.get(lead..)?;
    let random = is_random(value.get(..FILL.start)?) && is_random(value.get(FILL.end..)?);
    random.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
