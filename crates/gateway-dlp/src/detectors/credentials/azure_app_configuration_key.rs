//! `azure_app_configuration_key`: secret of Azure App Configuration.
//!
//! **Format.** `azconfig.io` or a path there, `;Id=`, 8 to 64 characters, `;Secret=` and 43
//! characters of base64 with their padding, or 84 without; the secret alone is found. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** The secret looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `azure.yml`. On the kind: Microsoft Learn, "Azure App Configuration",
//! connection strings.
//!
//! **Confidence.** High: the connection string around it tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::value;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_app_configuration_key",
    name: "Azure App Configuration key",
    summary: "Azure App Configuration secret, by the connection string that it stands in",
    category: Category::Credentials,
    keywords: &["azure", "connection", "endpoint"],
    pattern: r"(?i:azconfig\.io/?;id=)[0-9A-Za-z+/:_-]{8,64}(?i:;secret=)(?:[0-9A-Za-z+/]{43}=|[0-9A-Za-z]{84})\b{end-half}",
    match_bytes_max: 224,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Endpoint=https://shop-config.azconfig.io;Id=k7Wq-l4-s0:x1Zr9Qm2Lp;Secret=FXL4k41GiLP9qG3L0uKW4yWRzSaTLyvH1D0SZaozaN0=",
            &["FXL4k41GiLP9qG3L0uKW4yWRzSaTLyvH1D0SZaozaN0="],
        ),
        example(
            r#"{"AppConfig": "Endpoint=https://a1.azconfig.io;Id=Ab3D-l0-s0:77yQ;Secret=v4AH17KzcnNjeh1MVLymYZwH6Qqq5X1wUGAJ7Wx98vY="}"#,
            &["v4AH17KzcnNjeh1MVLymYZwH6Qqq5X1wUGAJ7Wx98vY="],
        ),
        example(
            "no endpoint Id=k7Wq-l4-s0:x1Zr9Qm2Lp;Secret=FXL4k41GiLP9qG3L0uKW4yWRzSaTLyvH1D0SZaozaN0=",
            &[],
        ),
        example(
            "Endpoint=https://shop-config.azconfig.io;Id=k7Wq-l4-s0:x1Zr9Qm2Lp;Secret=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0=",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::High)
}
