//! `au_address`: street addresses of Australia.
//!
//! **Format.** A house number, the name of a street of up to six words with its kind, a suburb of
//! up to six words, a state and a postcode, parted by commas, spaces or line ends. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Australia Post, "Addressing guidelines".
//!
//! **Confidence.** Medium: the parts of an address in their order are telling, but they may be
//! printed on any page.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "au_address",
    name: "Australian address",
    summary: "Street addresses of Australia, by house number, street, suburb, state and postcode",
    category: Category::Personal,
    keywords: &["address", "street"],
    pattern: alone!(
        "(?:[0-9]{1,4}/)?[0-9]{1,5} (?:[A-Z][a-z]+ ){1,6}",
        r"(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Ct|Court|Way|Pl|Place|Ter|Terrace|Pkwy|Parkway|Cir|Circle|Hwy|Highway|Sq|Square)[.]?(?:,[ ]?|[ ]?\r?\n|[ ])[A-Z][A-Za-z']+(?:[ -][A-Z][A-Za-z']+){0,5}[ -]?(?:, ?| )?(?:ACT|NSW|NT|QLD|SA|TAS|VIC|WA),? [0-9]{4}"
    ),
    match_bytes_max: 160,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("at 48 Pirrama Road, Pyrmont NSW 2009.", &["48 Pirrama Road, Pyrmont NSW 2009"]),
        example("3/12 Collins St\nMELBOURNE VIC 3000", &["3/12 Collins St\nMELBOURNE VIC 3000"]),
        example("48 Pirrama Road, Pyrmont", &[]),
        example("48 Pirrama Road, Pyrmont XYZ 2009", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    Some(Judgement { confidence: Confidence::Medium, lead: lead_in_len(sample.matched), trail: 0 })
}
