//! `us_mailing_address`: post office box addresses of the United States.
//!
//! **Format.** `PO Box` and its number, a city, a state and a ZIP code, parted by commas or line
//! ends. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** USPS, Publication 28, "Postal addressing standards".
//!
//! **Confidence.** Medium: the parts of an address in their order are telling, but they may be
//! printed on any page.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_mailing_address",
    name: "US mailing address",
    summary: "Post office box addresses of the United States, by box, city, state and ZIP code",
    category: Category::Personal,
    keywords: &["address", "po box"],
    pattern: alone!(
        "[Pp][.]?[ ]?[Oo][.]?[ ]?(?i:box) [0-9]{1,6}",
        r"(?:,[ ]?|[ ]?\r?\n|[ ])(?:[A-Z][a-z'.]+[ -]?)+(?:, ?| )(?:A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]) [0-9]{5}(?:-[0-9]{4})?"
    ),
    match_bytes_max: 128,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("send to PO Box 1234, Austin, TX 78701.", &["PO Box 1234, Austin, TX 78701"]),
        example("P.O. Box 77\nNew York, NY 10118-0110", &["P.O. Box 77\nNew York, NY 10118-0110"]),
        example("PO Box 1234", &[]),
        example("PO Box 1234, Austin, QQ 78701", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    Some(Judgement { confidence: Confidence::Medium, lead: lead_in_len(sample.matched), trail: 0 })
}
