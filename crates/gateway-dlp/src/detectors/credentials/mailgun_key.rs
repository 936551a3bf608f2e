//! `mailgun_key`: Mailgun API key.
//!
//! **Format.** `key-` and 32 hexadecimal digits; or 32, eight and eight hexadecimal digits parted
//! by dashes, the form of today, and of keys that sign webhooks, assigned to a name with `mailgun`
//! in it and at most 30 more characters, which is no part of the finding. No ASCII letter, digit or
//! `_` may follow, nor stand before a prefix but for an escape such as `\n` or `%20`.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `mailgun-private-api-token` and
//! `mailgun-signing-key`; trufflehog, `mailgun.go`, whose 72 characters are base64 of `api:` and a
//! key of 50.
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mailgun_key",
    name: "Mailgun API key",
    summary: "Mailgun API key, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["mailgun"],
    pattern: concat!(
        alone!("key-[0-9a-f]{32}"),
        "|",
        assigned!("mailgun", "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}"),
    ),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer key-5abe26a0fa038c0527e23188152d748b",
            &["key-5abe26a0fa038c0527e23188152d748b"],
        ),
        example(
            r#"token = "key-ebc3eed7d53a7b07176c06fdc1e5e0b8""#,
            &["key-ebc3eed7d53a7b07176c06fdc1e5e0b8"],
        ),
        example("cut short key-5abe26a0fa038c", &[]),
        example("a placeholder key-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
        example(
            "MAILGUN_API_KEY=127bea87870866a9ca9f30dd8f84f998-4ce99a9c-a3125020",
            &["127bea87870866a9ca9f30dd8f84f998-4ce99a9c-a3125020"],
        ),
        example("no name before it: 127bea87870866a9ca9f30dd8f84f998-4ce99a9c-a3125020", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'k', b'e', b'y', b'-', ..] = begin {
        token_alone(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
