//! `tigris_secret_key`: Tigris secret access key.
//!
//! **Format.** `tsec_` and 70 letters, digits, `+`, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Tigris documentation, "Access keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tigris_secret_key",
    name: "Tigris secret access key",
    summary: "Tigris secret access key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["tigris"],
    pattern: r"tsec_[0-9A-Za-z_+-]{70}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"tsec_SY2qmiNW9tZtwY0461vxRhrSbHVZ2o-0BniLxAoAqYO4DMD4yh30-PM3SUFd0gcD91FM1J","id":7}"#,
            &["tsec_SY2qmiNW9tZtwY0461vxRhrSbHVZ2o-0BniLxAoAqYO4DMD4yh30-PM3SUFd0gcD91FM1J"],
        ),
        example(
            "key: tsec_WNOlm_SJvQUOEPyiGn_UP4gfGWFrahe1KSCtmNrJomf-J2KJXe+W_4Gbq_FmtbgE6jum7L, and more",
            &["tsec_WNOlm_SJvQUOEPyiGn_UP4gfGWFrahe1KSCtmNrJomf-J2KJXe+W_4Gbq_FmtbgE6jum7L"],
        ),
        example("cut short tsec_SY2qmiNW9tZtwY0461vxRhrSbHVZ2o-0BniLxAoAqY", &[]),
        example(
            "a placeholder tsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
