//! `pinterest_token`: Pinterest access token.
//!
//! **Format.** `pina_` (access) or `pinr_` (refresh) and 60 to 120 capital letters, digits, `-` or
//! `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Pinterest API, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pinterest_token",
    name: "Pinterest access token",
    summary: "Pinterest access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["pinterest"],
    pattern: r"pin[ar]_[0-9A-Z_-]{60,120}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"pinr_XZWA81SP4NXR6-7ZYQGBAOKLMFG11V1AWEXVULU1VY48XLRW0CHM_2NOMGF2ZL4PL5QSVLVTR2KCH_EY8W8_YF","id":7}"#,
            &[
                "pinr_XZWA81SP4NXR6-7ZYQGBAOKLMFG11V1AWEXVULU1VY48XLRW0CHM_2NOMGF2ZL4PL5QSVLVTR2KCH_EY8W8_YF",
            ],
        ),
        example(
            "key: pina_MKNUWR8WHR148TR4F7V-VHHFCIOCA0_-M1GTACJGVIBQPZI51WQG0_D1UUF07RAFO89G-JZIS_YL7WE371DHBX, and more",
            &[
                "pina_MKNUWR8WHR148TR4F7V-VHHFCIOCA0_-M1GTACJGVIBQPZI51WQG0_D1UUF07RAFO89G-JZIS_YL7WE371DHBX",
            ],
        ),
        example("cut short pinr_XZWA81SP4NXR6-7ZYQGBAOKLMFG11V1AWEXVULU1VY48XLRW0CH", &[]),
        example(
            "a placeholder pinr_xxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxx_xxxxx_xx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
