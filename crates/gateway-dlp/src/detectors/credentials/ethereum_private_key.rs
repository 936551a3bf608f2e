//! `ethereum_private_key`: Ethereum private key.
//!
//! **Format.** 64 hexadecimal digits, for some behind `0x`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Ethereum Yellow Paper, appendix F.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ethereum_private_key",
    name: "Ethereum private key",
    summary: "Ethereum private key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["ethereum", "private key", "wallet"],
    pattern: assigned!("private[_ -]?key", "(?:0x)?[0-9A-Fa-f]{64}"),
    match_bytes_max: 144,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"ETH_PRIVATE_KEY = "EbaF53B82abe28aDd23C94Ea8C7f93A3d2DF38bf70b9F14eb804CfE135A2aaca""#,
            &["EbaF53B82abe28aDd23C94Ea8C7f93A3d2DF38bf70b9F14eb804CfE135A2aaca"],
        ),
        example(
            r#"{"privateKey": "0x9bb299c24721BdFea8bDD7D9339fc6a8FB27AE6bD1003DD84E2B0995D7afFFb9"}"#,
            &["0x9bb299c24721BdFea8bDD7D9339fc6a8FB27AE6bD1003DD84E2B0995D7afFFb9"],
        ),
        example(
            "no name before it: EbaF53B82abe28aDd23C94Ea8C7f93A3d2DF38bf70b9F14eb804CfE135A2aaca",
            &[],
        ),
        example(
            r#"ETH_PRIVATE_KEY = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
