//! `dropbox_token`: Dropbox access token.
//!
//! **Format.** `sl.`, for some `u.`, and 130 to 200 letters, digits, `-` or `_`. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Dropbox developer documentation, "OAuth guide".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dropbox_token",
    name: "Dropbox access token",
    summary: "Dropbox access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["dropbox"],
    pattern: alone!(r"sl\.(?:u\.)?[0-9A-Za-z_-]{130,}"),
    match_bytes_max: 208,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: sl.3zc0f3CIlB2gqxasr5vrzRqGcgLku72GjUHlt6v7aNuotV-_UK9uswYlDg1AqY0CFHlnoX4bkx65QCGOiLWZA4KASUG4474J6QQdzfEtzvhXFqiTLk9HSzFBloP_Jtln2HN, and more",
            &[
                "sl.3zc0f3CIlB2gqxasr5vrzRqGcgLku72GjUHlt6v7aNuotV-_UK9uswYlDg1AqY0CFHlnoX4bkx65QCGOiLWZA4KASUG4474J6QQdzfEtzvhXFqiTLk9HSzFBloP_Jtln2HN",
            ],
        ),
        example(
            "export TOKEN=sl.u.yWlTcQ9YpCZ86570FBbl0viZJS2VLrifDW_Qkws422TOxZKe543_hBrM6yiiLWXlGvLxpCvQjDMRg_AykQ100hOglaKMpyepFIrMABP1Yo3uq-UDhm8kjfsOoSYYP71CIo6xv\n",
            &[
                "sl.u.yWlTcQ9YpCZ86570FBbl0viZJS2VLrifDW_Qkws422TOxZKe543_hBrM6yiiLWXlGvLxpCvQjDMRg_AykQ100hOglaKMpyepFIrMABP1Yo3uq-UDhm8kjfsOoSYYP71CIo6xv",
            ],
        ),
        example(
            "cut short sl.3zc0f3CIlB2gqxasr5vrzRqGcgLku72GjUHlt6v7aNuotV-_UK9uswYlDg1AqY0C",
            &[],
        ),
        example(
            "a placeholder sl.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
