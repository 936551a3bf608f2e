//! `paypal_client_secret`: PayPal client secret.
//!
//! **Format.** `E` and 79 letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `paypal.go`. On the kind: PayPal Developer, "Get started with PayPal
//! REST APIs".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "paypal_client_secret",
    name: "PayPal client secret",
    summary: "PayPal client secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["paypal"],
    pattern: assigned!("paypal[0-9a-z_. -]{0,20}secret", "E[0-9A-Za-z_-]{79}"),
    match_bytes_max: 160,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"PAYPAL_CLIENT_SECRET = "EoMnQrwuxqr1IoG5opCTycClXuIF6SUvaLMIyi4Xh-g6R1KQ608e9zSv3VzHd9EJw9O3rurZ92zjXFyZ""#,
            &["EoMnQrwuxqr1IoG5opCTycClXuIF6SUvaLMIyi4Xh-g6R1KQ608e9zSv3VzHd9EJw9O3rurZ92zjXFyZ"],
        ),
        example(
            r#"{"paypal.secret": "EAQiHdXrvrQlY0o8XGrOeBn48jU6nOpEo0d6sTpaH-IC8CTfHGP4iIYdXq8vs8ialvuJ4apG1fna88RC"}"#,
            &["EAQiHdXrvrQlY0o8XGrOeBn48jU6nOpEo0d6sTpaH-IC8CTfHGP4iIYdXq8vs8ialvuJ4apG1fna88RC"],
        ),
        example(
            "no name before it: EoMnQrwuxqr1IoG5opCTycClXuIF6SUvaLMIyi4Xh-g6R1KQ608e9zSv3VzHd9EJw9O3rurZ92zjXFyZ",
            &[],
        ),
        example(
            r#"PAYPAL_CLIENT_SECRET = "EoMnxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
