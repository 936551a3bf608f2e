//! `trello_token`: Trello token.
//!
//! **Format.** 64 hexadecimal digits, or 76 letters, digits or `_` that begin with `ATTA`, assigned
//! to a name of at most 30 more characters; the name is no part of the finding. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Atlassian developer documentation, "Authorization" for Trello.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "trello_token",
    name: "Trello token",
    summary: "Trello token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["trello"],
    pattern: assigned!("trello", "(?:[0-9a-f]{64}|ATTA[0-9A-Za-z_]{72})"),
    match_bytes_max: 144,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"trello = "ATTAYJMI1r8N_6YyU94h6TDwfNzhudmP6NvzOY6sMBM5gHGvHMGzHi3JZRdTGAaKp8pGlq27lEHq""#,
            &["ATTAYJMI1r8N_6YyU94h6TDwfNzhudmP6NvzOY6sMBM5gHGvHMGzHi3JZRdTGAaKp8pGlq27lEHq"],
        ),
        example(
            r#"{"trello": "e50ed65098fe4e48784d24caedcb253ba3269afdcb6713aa197e6b455f585e6e"}"#,
            &["e50ed65098fe4e48784d24caedcb253ba3269afdcb6713aa197e6b455f585e6e"],
        ),
        example(
            "no name before it: ATTAYJMI1r8N_6YyU94h6TDwfNzhudmP6NvzOY6sMBM5gHGvHMGzHi3JZRdTGAaKp8pGlq27lEHq",
            &[],
        ),
        example(
            r#"trello = "xxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
