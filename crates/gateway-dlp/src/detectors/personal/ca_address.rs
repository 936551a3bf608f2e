//! `ca_address`: street addresses of Canada.
//!
//! **Format.** A house number, a street of up to seven words, a city of up to six, a province and a
//! postal code, parted by commas or line ends. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Canada Post, "Addressing guidelines".
//!
//! **Confidence.** Medium: the parts of an address in their order are telling, but they may be
//! printed on any page.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_address",
    name: "Canadian address",
    summary: "Street addresses of Canada, by house number, street, city, province and postal code",
    category: Category::Personal,
    keywords: &["address", "adresse"],
    pattern: alone!(
        "(?:[0-9]{1,4}-)?[0-9]{1,6} (?:[A-Z0-9][0-9a-z.]+ ){0,6}",
        r"[A-Z0-9][0-9a-z.]*(?:,[ ]?|[ ]?\r?\n)(?:[A-Z][a-z'.]+[ -]?){1,6},? ?(?:AB|BC|MB|N[BLSTU]|ON|PE|QC|SK|YT),? ?[A-CEGHJ-NPR-TVXY][0-9][A-Z] ?[0-9][A-Z][0-9]"
    ),
    match_bytes_max: 192,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example(
            "at 111 Wellington Street, Ottawa, ON K1A 0A9.",
            &["111 Wellington Street, Ottawa, ON K1A 0A9"],
        ),
        example("10-123 Main St\nMontreal QC H3Z 2Y7", &["10-123 Main St\nMontreal QC H3Z 2Y7"]),
        example("111 Wellington Street, Ottawa", &[]),
        example("111 Wellington Street, Ottawa, XX K1A 0A9", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    Some(Judgement { confidence: Confidence::Medium, lead: lead_in_len(sample.matched), trail: 0 })
}
