//! `firebase_server_key`: Firebase Cloud Messaging server key.
//!
//! **Format.** `AAAA`, seven letters, digits, `-` or `_`, `:APA91b` and 134 more. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Firebase documentation, "Legacy HTTP server protocol".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "firebase_server_key",
    name: "Firebase Cloud Messaging server key",
    summary: "Firebase Cloud Messaging server key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["fcm", "firebase"],
    pattern: r"AAAA[0-9A-Za-z_-]{7}:APA91b[0-9A-Za-z_-]{134}\b{end-half}",
    match_bytes_max: 160,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"AAAAYPxWAa-:APA91baWTcc6qtPRXe2FzMpkJMCfZjaBiPAjC0efJdIIfJ6Vy5cEK9Dxjf5S3kov2LK22NQ6V5bMUjAB6BAdcamfBqbc8geOxHQ69s8mfR-IuUCkTuZINFWF7xBiTWpTb7PZiN8WczuN","id":7}"#,
            &[
                "AAAAYPxWAa-:APA91baWTcc6qtPRXe2FzMpkJMCfZjaBiPAjC0efJdIIfJ6Vy5cEK9Dxjf5S3kov2LK22NQ6V5bMUjAB6BAdcamfBqbc8geOxHQ69s8mfR-IuUCkTuZINFWF7xBiTWpTb7PZiN8WczuN",
            ],
        ),
        example(
            "key: AAAAgB9tSRt:APA91bU9LprYNMbwsANJ9owgfzb2b_g5P-05eiqlbC-QaKU2Qqs8SNSi4h5JwCTvSN3IeeviNT1uYl9_TahogI5OtOsFuOpkvJRqEBEjE2acloAcmEm-JB9spgEeUhelbhnmzTg3PCfa, and more",
            &[
                "AAAAgB9tSRt:APA91bU9LprYNMbwsANJ9owgfzb2b_g5P-05eiqlbC-QaKU2Qqs8SNSi4h5JwCTvSN3IeeviNT1uYl9_TahogI5OtOsFuOpkvJRqEBEjE2acloAcmEm-JB9spgEeUhelbhnmzTg3PCfa",
            ],
        ),
        example(
            "cut short AAAAYPxWAa-:APA91baWTcc6qtPRXe2FzMpkJMCfZjaBiPAjC0efJdIIfJ6Vy5cEK9Dxjf5S3kov2LK22NQ6V5bMUjAB",
            &[],
        ),
        example(
            "a placeholder AAAAxxxxxx-:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
