//! `yandex_iam_token`: Yandex Cloud IAM token.
//!
//! **Format.** `t1.`, 80 to 300 letters, digits, `-` or `_` with a point before the last 86, and
//! padding. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `yandex-access-token`. On the kind: Yandex Cloud,
//! "IAM token".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "yandex_iam_token",
    name: "Yandex Cloud IAM token",
    summary: "Yandex Cloud IAM token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["yandex"],
    pattern: alone!(r"t1\.[0-9A-Za-z_-]{60,}={0,2}\.[0-9A-Za-z_-]{86}={0,2}"),
    match_bytes_max: 400,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"t1.zP3yU9jnJGQUaunRe1lertuoNSaZcsOFdWAXoZueAVCmxaoXmzycdtOvYlsUiKYaxc.Qyxr_SeTnYOtRLmHUHibFNERn-FZA705v2C3kI3yjKzEBe6y-wMJK3eeoimuwhQMWbxHgalh5e9z_FiPk6z2JM=","id":7}"#,
            &[
                "t1.zP3yU9jnJGQUaunRe1lertuoNSaZcsOFdWAXoZueAVCmxaoXmzycdtOvYlsUiKYaxc.Qyxr_SeTnYOtRLmHUHibFNERn-FZA705v2C3kI3yjKzEBe6y-wMJK3eeoimuwhQMWbxHgalh5e9z_FiPk6z2JM=",
            ],
        ),
        example(
            r#"token = "t1.v3F7eOmS9XYqjfcgzNHLmIGFsH92YPR13BumQjwHenjPQa0_SPcqc56RI5Yhh.yGUsaIMEgTyuXJwNAE93GI_3bO-GtMIpyaOGLSsqRli6Lk0STgjjRQgg4Of_oIOEE9hJnB6BMnEMU3SIHpG6jR""#,
            &[
                "t1.v3F7eOmS9XYqjfcgzNHLmIGFsH92YPR13BumQjwHenjPQa0_SPcqc56RI5Yhh.yGUsaIMEgTyuXJwNAE93GI_3bO-GtMIpyaOGLSsqRli6Lk0STgjjRQgg4Of_oIOEE9hJnB6BMnEMU3SIHpG6jR",
            ],
        ),
        example(
            "cut short t1.zP3yU9jnJGQUaunRe1lertuoNSaZcsOFdWAXoZueAVCmxaoXmzycdtOvYlsUiKYaxc.Qyxr_SeT",
            &[],
        ),
        example(
            "a placeholder t1.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxx_xxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxx=",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
