//! `heroku_api_key`: Heroku API key.
//!
//! **Format.** `HRKU-AA` and 58 letters, digits, `-` or `_`; most have `_____w` among them, which
//! is four bytes of ones. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, up to the bytes of ones, looks random: enough entropy,
//! no long run, no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `heroku-api-key-v2`. On the kind: Heroku Dev
//! Center, "Authentication", tokens with a prefix.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "heroku_api_key",
    name: "Heroku API key",
    summary: "Heroku API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["heroku"],
    pattern: r"HRKU-AA[0-9A-Za-z_-]{58}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "HEROKU_API_KEY=HRKU-AA7e1mvOvUt74954NWrd_xq7H5Zs0p3oGDffj0HeEZjL_____wT34TrYrg19",
            &["HRKU-AA7e1mvOvUt74954NWrd_xq7H5Zs0p3oGDffj0HeEZjL_____wT34TrYrg19"],
        ),
        example(
            "export TOKEN=HRKU-AAY5TgllRXC-Cz7e5uxBMHl-DUsMGllKHBMSA3DUV9oSVVcOOrcUpsvNmMgA\n",
            &["HRKU-AAY5TgllRXC-Cz7e5uxBMHl-DUsMGllKHBMSA3DUV9oSVVcOOrcUpsvNmMgA"],
        ),
        example(
            "Authorization: Bearer HRKU-AA8sfPJJbPRPipoM3LQi12caumOokHtHGJ0NhFx_NHksdodr_53uEet4BtDe",
            &["HRKU-AA8sfPJJbPRPipoM3LQi12caumOokHtHGJ0NhFx_NHksdodr_53uEet4BtDe"],
        ),
        example("cut short HRKU-AAY5TgllRXC-Cz7e5uxBMHl-DUs", &[]),
        example(
            "a placeholder HRKU-AAxxxxxxxxx-xxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

/// Four bytes of ones, where the base64 text of a key has them.
const ONES: &[u8] = b"_____w";

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let body = sample.matched.get(PREFIX..)?;
    let ones = body.windows(ONES.len()).position(|part| part == ONES);
    let random = body.get(..ones.unwrap_or(body.len()))?;
    is_random(random).then_some(Judgement::whole(Confidence::High))?
}
