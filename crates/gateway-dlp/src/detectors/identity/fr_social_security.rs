//! `fr_social_security`: French social security number (NIR).
//!
//! **Format.** A digit for the sex, and two, two, two, three, three and two digits, plain or parted
//! by spaces; for Corsica `2A` or `2B` for the department. No ASCII letter, digit or `_` may touch
//! it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two digits check the others.
//!
//! **Source.** INSEE, "Numero d'inscription au repertoire". Compared with python-stdnum,
//! `stdnum.fr.nir`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::fr_nir;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fr_social_security",
    name: "French social security number (NIR)",
    summary: "French social security number (NIR): by form and check digits",
    category: Category::Identity,
    keywords: &["insee", "nir", "sécurité sociale"],
    pattern: alone!(
        "[1-478][ ]?[0-9]{2}[ ]?[0-9]{2}[ ]?[0-9][0-9AB][ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{2}"
    ),
    match_bytes_max: 32,
    validators: &["fr_nir"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("insee: 1 91 55 26 857 675 33.", &["1 91 55 26 857 675 33"]),
        example(r#"{"id":"1 44 82 51 196 649 27"}"#, &["1 44 82 51 196 649 27"]),
        example("wrong 1 91 55 21 857 675 33", &[]),
        example("part of more 71 91 55 26 857 675 33 1 91 55 26 857 675 337", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, fr_nir)
}
