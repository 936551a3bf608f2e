//! `us_physical_address`: street addresses of the United States.
//!
//! **Format.** A house number, the name of a street of up to six words with its kind, for some a
//! unit, a city of up to six words, a state and a ZIP code, parted by commas or line ends. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
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
    id: "us_physical_address",
    name: "US street address",
    summary: "Street addresses of the United States, by house number, street, city, state and ZIP code",
    category: Category::Personal,
    keywords: &["address", "street"],
    pattern: alone!(
        "[0-9]{1,6} (?:[NSEW][.]? )?(?:[A-Z0-9][0-9a-z]+ ){1,6}",
        "(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Ct|Court|Way|Pl|Place|Ter|Terrace|Pkwy|Parkway|Cir|Circle|Hwy|Highway|Sq|Square)[.]?(?:,?[ ](?:Apt|Suite|Ste|Unit|#)[.]?[ ]?[0-9A-Z]{1,5})?",
        r"(?:,[ ]?|[ ]?\r?\n|[ ])(?:[A-Z][a-z'.]+[ -]?){1,6}(?:, ?| )(?:A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]) [0-9]{5}(?:-[0-9]{4})?"
    ),
    match_bytes_max: 192,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example(
            "at 1600 Pennsylvania Ave, Washington, DC 20500.",
            &["1600 Pennsylvania Ave, Washington, DC 20500"],
        ),
        example(
            "350 Fifth Avenue Suite 7A\nNew York, NY 10118-0110",
            &["350 Fifth Avenue Suite 7A\nNew York, NY 10118-0110"],
        ),
        example("1600 Pennsylvania Ave, Washington", &[]),
        example("1600 Pennsylvania Ave, Washington, XX 20500", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    Some(Judgement { confidence: Confidence::Medium, lead: lead_in_len(sample.matched), trail: 0 })
}
