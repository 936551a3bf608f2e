//! `onepassword_service_token`: 1Password service account token.
//!
//! **Format.** `ops_eyJ` and 240 to 1,000 letters, digits, `-` or `_`. No ASCII letter, digit or
//! `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `1password-service-account-token`. On the kind:
//! 1Password developer documentation, "Service accounts".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "onepassword_service_token",
    name: "1Password service account token",
    summary: "1Password service account token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["1password", "op_service_account_token"],
    pattern: r"ops_eyJ[0-9A-Za-z+/_-]{240,}={0,3}\b{end-half}",
    match_bytes_max: 1024,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"ops_eyJZCu0r_B4wWlyLlWinLIT/4-YSzCaEO6QH_FDc3_8idxoQJua-HWS3uCZowkvyQ+LA6Fc+Rkzr0xF7Whml7BBHPRl/D4nV0tOXiNn20a5aqtR4aU8ytNIxRphGl4MbOlh7Bmh+6VNp-2Nc-D/etUzlvzwMtExQVSKxs5/9Bu3GQhD+69sTOhi9eHSKwo8wBeiVqm1BJ0nOK5VDKbGutjU4AC0F/KpGN91+YHCMp2MmgHG1gS4","id":7}"#,
            &[
                "ops_eyJZCu0r_B4wWlyLlWinLIT/4-YSzCaEO6QH_FDc3_8idxoQJua-HWS3uCZowkvyQ+LA6Fc+Rkzr0xF7Whml7BBHPRl/D4nV0tOXiNn20a5aqtR4aU8ytNIxRphGl4MbOlh7Bmh+6VNp-2Nc-D/etUzlvzwMtExQVSKxs5/9Bu3GQhD+69sTOhi9eHSKwo8wBeiVqm1BJ0nOK5VDKbGutjU4AC0F/KpGN91+YHCMp2MmgHG1gS4",
            ],
        ),
        example(
            r#"token = "ops_eyJTh_h0LawxmYotpwrYuot03-KbsAgQbKmD65Kzy6Xg5NplILjGKZwOlTkl3Q8KJR8uVjqFJD7ZdTbwD67BLCah1pERa/ryNp0rTCH-OljyFdRmSxw816w7gytxJyBYZN2C2QGTnbMpCqyol9PsD7RjlOzeF/IqWjDefPG+we+X1njFyRPryAbKHAJLEVlfwotI15y75ff8CSJ3yyaaDW36mBDGu4+b+NGs3WO0+eJ3ZuRD_f5yslfr===""#,
            &[
                "ops_eyJTh_h0LawxmYotpwrYuot03-KbsAgQbKmD65Kzy6Xg5NplILjGKZwOlTkl3Q8KJR8uVjqFJD7ZdTbwD67BLCah1pERa/ryNp0rTCH-OljyFdRmSxw816w7gytxJyBYZN2C2QGTnbMpCqyol9PsD7RjlOzeF/IqWjDefPG+we+X1njFyRPryAbKHAJLEVlfwotI15y75ff8CSJ3yyaaDW36mBDGu4+b+NGs3WO0+eJ3ZuRD_f5yslfr===",
            ],
        ),
        example(
            "cut short ops_eyJZCu0r_B4wWlyLlWinLIT/4-YSzCaEO6QH_FDc3_8idxoQJua-HWS3uCZowkvyQ+LA6Fc+Rkzr0xF7Whml7BBHPRl/D4nV0tOXiNn20a5aqtR4aU8ytNI",
            &[],
        ),
        example(
            "a placeholder ops_eyJxxxxx_xxxxxxxxxxxxxx/x-xxxxxxxxxx_xxxx_xxxxxxxxx-xxxxxxxxxxxxx+xxxxx+xxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxx-xxx-x/xxxxxxxxxxxxxxxxxxx/xxxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxx+xxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
