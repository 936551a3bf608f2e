//! `brevo_api_key`: Brevo API key.
//!
//! **Format.** `xkeysib-` or `xsmtpsib-`, 64 hexadecimal digits, a dash and 16 letters or digits.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sendinblue-api-token`. On the kind: Brevo
//! developer documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "brevo_api_key",
    name: "Brevo API key",
    summary: "Brevo API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["brevo", "sendinblue"],
    pattern: r"x(?:key|smtp)sib-[0-9a-f]{64}-[0-9A-Za-z]{16}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "xsmtpsib-de28fd20c8056d925d15bf5a022ad1dda61e4add4012a83dd048ca2b27511921-0cmvDL026C6gkNa4""#,
            &[
                "xsmtpsib-de28fd20c8056d925d15bf5a022ad1dda61e4add4012a83dd048ca2b27511921-0cmvDL026C6gkNa4",
            ],
        ),
        example(
            "export TOKEN=xsmtpsib-1ac1323893a9c95f1ee721e0ccf0f962a9fbb4cd51afb9bc3336c3e561422317-lxggRRAdknHCAFYO\n",
            &[
                "xsmtpsib-1ac1323893a9c95f1ee721e0ccf0f962a9fbb4cd51afb9bc3336c3e561422317-lxggRRAdknHCAFYO",
            ],
        ),
        example("cut short xsmtpsib-de28fd20c8056d925d15bf5a022ad1dda61e", &[]),
        example(
            "a placeholder xsmtpsib-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
