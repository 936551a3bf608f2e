//! `slack_session_cookie`: Slack session cookie, the `d` of a browser.
//!
//! **Format.** `xoxd-` and 100 to 400 characters of base64, as they are or as in a URL. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `slack-session-cookie`. On the kind: Slack,
//! "Token types"; the cookie that goes with tokens `xoxc`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "slack_session_cookie",
    name: "Slack session cookie",
    summary: "Slack session cookie of a browser, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cookie", "slack"],
    pattern: r"xoxd-[0-9A-Za-z%+/]{100,}={0,2}\b{end-half}",
    match_bytes_max: 416,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Cookie: d=xoxd-5R49T1bkH3otquzwzk4qxYkajJDDrV%2B1EOuUOluKjSNdGzJQLjY9DnGhYSzvXBIuvnTefoOWpYykpTA99ovfldUdfOE%2FynUqCvGa9lPJOBM3PBurV9kN7jEKxS1i9ECDlDRH%3D%3D; x=1",
            &[
                "xoxd-5R49T1bkH3otquzwzk4qxYkajJDDrV%2B1EOuUOluKjSNdGzJQLjY9DnGhYSzvXBIuvnTefoOWpYykpTA99ovfldUdfOE%2FynUqCvGa9lPJOBM3PBurV9kN7jEKxS1i9ECDlDRH%3D%3D",
            ],
        ),
        example(
            r#"{"cookie":"xoxd-FMMtICNDXgEc965RDmhwFayB48u1dUmi4Yh76JB8/I7W3ahiLVmi9oXXqbwTd9cXmcmo8MnnHWalDqEw1xw65vpsbPCgkL9c0374nZ3z6ZsX01xvlTREvPtY"}"#,
            &[
                "xoxd-FMMtICNDXgEc965RDmhwFayB48u1dUmi4Yh76JB8/I7W3ahiLVmi9oXXqbwTd9cXmcmo8MnnHWalDqEw1xw65vpsbPCgkL9c0374nZ3z6ZsX01xvlTREvPtY",
            ],
        ),
        example("cut short xoxd-5R49T1bkH3otquzwzk4qxYkajJDDrV%2B1EOuUOluKjSNdGzJQLjY9D", &[]),
        example(
            "a placeholder xoxd-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
