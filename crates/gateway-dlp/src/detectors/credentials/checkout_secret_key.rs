//! `checkout_secret_key`: Checkout.com secret key.
//!
//! **Format.** `sk_`, for tests `sk_test_` or `sk_sbox_`, and a UUID in small letters; or `sk_`,
//! for tests `sk_sbox_`, 26 characters of base32 in small letters and one more, or `#`, `$`, `*` or
//! `=`. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** The kits of Checkout.com, which refuse keys of any other form
//! (`CheckoutStaticKeysSdkBuilder`); betterleaks, `checkout.go`, for the older form.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "checkout_secret_key",
    name: "Checkout.com secret key",
    summary: "Checkout.com secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["checkout"],
    pattern: alone!(
        "sk_(?:(?:test_|sbox_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "|(?:sbox_)?[2-7a-z]{26}[2-7a-z#$*=])",
    ),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "CHECKOUT_SECRET_KEY=sk_sbox_7gyjnip3o4ivsnnreb34ors2uk*",
            &["sk_sbox_7gyjnip3o4ivsnnreb34ors2uk*"],
        ),
        example(
            r#"secretKey: "sk_qwgm2oitltgrn4fkwa6nrrhluir""#,
            &["sk_qwgm2oitltgrn4fkwa6nrrhluir"],
        ),
        example(
            r#"{"key":"sk_691abe5a-cbf2-cd6b-fa91-dfcb2e3cf56f","id":7}"#,
            &["sk_691abe5a-cbf2-cd6b-fa91-dfcb2e3cf56f"],
        ),
        example(
            "key: sk_28e28bbc-3709-7b4d-c3e4-e07da9b21a30, and more",
            &["sk_28e28bbc-3709-7b4d-c3e4-e07da9b21a30"],
        ),
        example("cut short sk_691abe5a-cbf2-cd6b-fa", &[]),
        example("a placeholder sk_xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
