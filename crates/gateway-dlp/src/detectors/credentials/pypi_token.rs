//! `pypi_token`: PyPI API token.
//!
//! **Format.** `pypi-`, `AgEIcHlwaS5vcmc` (pypi.org) or `AgENdGVzdC5weXBpLm9yZw` (test.pypi.org),
//! which begin a macaroon, and 50 to 400 letters, digits, `-` or `_`. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `pypi-upload-token`. On the kind: PyPI help, "API
//! tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pypi_token",
    name: "PyPI API token",
    summary: "PyPI API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["pypi", "twine"],
    pattern: r"pypi-(?:AgEIcHlwaS5vcmc|AgENdGVzdC5weXBpLm9yZw)[0-9A-Za-z_-]{50,}\b{end-half}",
    match_bytes_max: 432,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "pypi-AgEIcHlwaS5vcmczniwa7lfxoWPYz8RAJtnZXJcPcwvDlwWyrtJ5IXh2F6-dAdD_tSE0r""#,
            &["pypi-AgEIcHlwaS5vcmczniwa7lfxoWPYz8RAJtnZXJcPcwvDlwWyrtJ5IXh2F6-dAdD_tSE0r"],
        ),
        example(
            r#"{"key":"pypi-AgEIcHlwaS5vcmcmWIFXpW_rjjsbCZWJnGfmd5ZEE8h7QsFGQ6rZeay3bkiqHPoZEqEjZ","id":7}"#,
            &["pypi-AgEIcHlwaS5vcmcmWIFXpW_rjjsbCZWJnGfmd5ZEE8h7QsFGQ6rZeay3bkiqHPoZEqEjZ"],
        ),
        example("cut short pypi-AgEIcHlwaS5vcmczniwa7lfxoWPYz8RA", &[]),
        example(
            "a placeholder pypi-AgEIcHlwaS5vcmcxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxx_xxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 20;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
