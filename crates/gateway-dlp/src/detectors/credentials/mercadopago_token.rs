//! `mercadopago_token`: Mercado Pago access token.
//!
//! **Format.** `APP_USR-` or `TEST-`, 13 to 16 digits, a dash, six digits, a dash, 32 hexadecimal
//! digits, a dash and six to ten digits. No ASCII letter, digit or `_` may touch it, but an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Mercado Pago Developers, "Credentials".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mercadopago_token",
    name: "Mercado Pago access token",
    summary: "Mercado Pago access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mercadopago"],
    pattern: alone!("(?:APP_USR|TEST)-[0-9]{13,16}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,10}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "TEST-4648661099396-873489-91519a03c1be8ac922fcf9284c1d3329-577694""#,
            &["TEST-4648661099396-873489-91519a03c1be8ac922fcf9284c1d3329-577694"],
        ),
        example(
            "key: APP_USR-2491970531776859-924570-4a7c1848f393add0c90be75df450a84b-8746775, and more",
            &["APP_USR-2491970531776859-924570-4a7c1848f393add0c90be75df450a84b-8746775"],
        ),
        example("cut short TEST-4648661099396-873489-91519a", &[]),
        example(
            "a placeholder TEST-xxxxxxxxxxxxx-xxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
