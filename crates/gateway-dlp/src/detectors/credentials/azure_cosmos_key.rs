//! `azure_cosmos_key`: Azure Cosmos DB key.
//!
//! **Format.** 76 characters of base64, the mark `ACDb` of the service and the rest of a key with
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
    id: "azure_cosmos_key",
    name: "Azure Cosmos DB key",
    summary: "Azure Cosmos DB key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!("[0-9A-Za-z+/]{76}ACDb[0-9A-Za-z+/]{5}[AQgw]=="),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: TWibbLy+TvFZI6y21R90FlpeozeG+ghRx/qtf3JCl0CZhHdgiHyB6HIbDKj2jKHXLHafY8N4ROprACDbfzzhQA==, and more",
            &[
                "TWibbLy+TvFZI6y21R90FlpeozeG+ghRx/qtf3JCl0CZhHdgiHyB6HIbDKj2jKHXLHafY8N4ROprACDbfzzhQA==",
            ],
        ),
        example(
            "export TOKEN=+NBNrCGEptRt5hwm7A+DyGkLpOsdiOXg9v1Jz4tcC7slU1sxwz3Fulp9vCEIIf0v/ZMHL8/MmCsFACDbUe9PCw==\n",
            &[
                "+NBNrCGEptRt5hwm7A+DyGkLpOsdiOXg9v1Jz4tcC7slU1sxwz3Fulp9vCEIIf0v/ZMHL8/MmCsFACDbUe9PCw==",
            ],
        ),
        example("no mark of the Cosmos DB account: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example(
            "a placeholder xxxxxxx+xxxxxxxxxxxxxxxxxxxx+xxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx==",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
