//! `sentry_org_token`: Sentry organisation token.
//!
//! **Format.** `sntrys_eyJ`, 80 to 400 characters of base64, `_` and 43 more. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sentry-org-token`. On the kind: Sentry, "Auth
//! tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sentry_org_token",
    name: "Sentry organisation token",
    summary: "Sentry organisation token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["sentry"],
    pattern: r"sntrys_eyJ[0-9A-Za-z+/]{80,}={0,2}_[0-9A-Za-z+/]{43}\b{end-half}",
    match_bytes_max: 464,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: sntrys_eyJX0wEXVIlgdqHEtDln1AdcXD0SMNEH27WLxn87xx3v5veVEm3kpY3FHj9ULC0/ZbxFyX89Z3aZAptp9gUU_984EyKXmNmWbTCr5FM3pruNwTJOYlq0Wum94vSoFbzT, and more",
            &[
                "sntrys_eyJX0wEXVIlgdqHEtDln1AdcXD0SMNEH27WLxn87xx3v5veVEm3kpY3FHj9ULC0/ZbxFyX89Z3aZAptp9gUU_984EyKXmNmWbTCr5FM3pruNwTJOYlq0Wum94vSoFbzT",
            ],
        ),
        example(
            "export TOKEN=sntrys_eyJ+ov7ELFX4ItO3tnj5ntR//slm6BUV4v5VNFlykLoiAvk99taxFn7c2PuIioBdMZylKnfaoazmJuBpw+QTbSTIj=_wx25M1BPm7OdKGTCigrCEzsG0UQlHtvAwM3Vb+hjzHD\n",
            &[
                "sntrys_eyJ+ov7ELFX4ItO3tnj5ntR//slm6BUV4v5VNFlykLoiAvk99taxFn7c2PuIioBdMZylKnfaoazmJuBpw+QTbSTIj=_wx25M1BPm7OdKGTCigrCEzsG0UQlHtvAwM3Vb+hjzHD",
            ],
        ),
        example(
            "cut short sntrys_eyJX0wEXVIlgdqHEtDln1AdcXD0SMNEH27WLxn87xx3v5veVEm3kpY3FHj9U",
            &[],
        ),
        example(
            "a placeholder sntrys_eyJxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 10;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
