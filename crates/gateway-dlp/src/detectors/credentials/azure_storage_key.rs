//! `azure_storage_key`: Azure Storage account key.
//!
//! **Format.** 76 characters of base64, the mark `+ASt` of the service and the rest of a key with
//! its padding: 88 characters in all. No ASCII letter, digit or `_` may touch it, but an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** Microsoft Security Utilities, identifiable keys.
//!
//! **Confidence.** High: the mark stands at its place by chance in one of sixteen million.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_storage_key",
    name: "Azure Storage account key",
    summary: "Azure Storage account key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!(r"[0-9A-Za-z+/]{76}\+ASt[0-9A-Za-z+/]{5}[AQgw]=="),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=/mdF11YaMD7Pl+31n+4I1o2Ti+6uPfI1URiTZeUEmlUjF6CtddO2Milmjb79bRvSISExPLwjFC3Y+AStXHaNRA==\n",
            &[
                "/mdF11YaMD7Pl+31n+4I1o2Ti+6uPfI1URiTZeUEmlUjF6CtddO2Milmjb79bRvSISExPLwjFC3Y+AStXHaNRA==",
            ],
        ),
        example(
            r#"token = "xv9nScFRE9fAiyfQpLcrxbLzg4GOVm7uKmzixCWD6XnLrtKjvDQEwEGGKpugjKhsUfJTJ1pA2/9M+AStKPVacg==""#,
            &[
                "xv9nScFRE9fAiyfQpLcrxbLzg4GOVm7uKmzixCWD6XnLrtKjvDQEwEGGKpugjKhsUfJTJ1pA2/9M+AStKPVacg==",
            ],
        ),
        example("no mark of the Storage account: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example(
            "a placeholder /xxxxxxxxxxxx+xxx+xxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxxx==",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
