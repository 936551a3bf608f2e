//! `shortcut_token`: Shortcut API token.
//!
//! **Format.** `sct_`, `r`, `w` or `rwa` for what is allowed, the name of a workspace and 142
//! letters, digits, `-` or `_`, parted by `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Shortcut REST API, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "shortcut_token",
    name: "Shortcut API token",
    summary: "Shortcut API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["shortcut"],
    pattern: r"sct_[rw][aw]{0,2}_[0-9a-z-]{2,40}_[0-9A-Za-z_-]{142}\b{end-half}",
    match_bytes_max: 192,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"sct_w_pr_igaJg7lqyIV6-pNyCYDHCMY4ubXhJ55ebeq5kh76cQj2UualpbN5qICPR9LVOJqPRpbVsvJsc3slZgEJR-U_m-2bdwzmYZ4z2sMdefPOOp1AA2kG9Gh4Jl2zT5zzSCDvrsG22jY9h0qM98","id":7}"#,
            &[
                "sct_w_pr_igaJg7lqyIV6-pNyCYDHCMY4ubXhJ55ebeq5kh76cQj2UualpbN5qICPR9LVOJqPRpbVsvJsc3slZgEJR-U_m-2bdwzmYZ4z2sMdefPOOp1AA2kG9Gh4Jl2zT5zzSCDvrsG22jY9h0qM98",
            ],
        ),
        example(
            "key: sct_r_x-_Mus0fNgKnt1xIkB8ZirDqxDJTFeBTwAnPaUowTUxhXao6acowF1M4Qe1wCOevYMuJ8Y1tCJY2YGbhrwGwF6zxyp8SeRUh0TBfm3jBTXnUNwlfeUMLJR0aXD7Grm-vzZGQJF_Khkw_FBQ8a, and more",
            &[
                "sct_r_x-_Mus0fNgKnt1xIkB8ZirDqxDJTFeBTwAnPaUowTUxhXao6acowF1M4Qe1wCOevYMuJ8Y1tCJY2YGbhrwGwF6zxyp8SeRUh0TBfm3jBTXnUNwlfeUMLJR0aXD7Grm-vzZGQJF_Khkw_FBQ8a",
            ],
        ),
        example(
            "cut short sct_w_pr_igaJg7lqyIV6-pNyCYDHCMY4ubXhJ55ebeq5kh76cQj2UualpbN5qICPR9LVOJqPRpbVsvJsc3slZgEJR-U",
            &[],
        ),
        example(
            "a placeholder sct_x_xx_xxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-x_x-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
