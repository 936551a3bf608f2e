//! `guardsquare_appsweep_key`: AppSweep API key.
//!
//! **Format.** `gs_appsweep_` and 24 to 48 letters, digits, `-` or `_`. No ASCII letter, digit or
//! `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `guardsquare.go`. On the kind: Guardsquare AppSweep documentation, "API
//! keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "guardsquare_appsweep_key",
    name: "AppSweep API key",
    summary: "AppSweep API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["appsweep", "guardsquare"],
    pattern: r"gs_appsweep_[0-9A-Za-z_-]{24,48}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"gs_appsweep_C0MiV1bzMOoUmSoxtnN7Z0iw_tPO6ivEivPCI","id":7}"#,
            &["gs_appsweep_C0MiV1bzMOoUmSoxtnN7Z0iw_tPO6ivEivPCI"],
        ),
        example(
            "key: gs_appsweep_kuaEl_L-M19fMH4BMPh5jolPiabKzrUiJ6URj26lhc3x6W, and more",
            &["gs_appsweep_kuaEl_L-M19fMH4BMPh5jolPiabKzrUiJ6URj26lhc3x6W"],
        ),
        example("cut short gs_appsweep_C0MiV1bzMOoUmSoxtnN7Z0", &[]),
        example("a placeholder gs_appsweep_xxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 12;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
