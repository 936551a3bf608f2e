//! `mapbox_secret_token`: Mapbox secret token.
//!
//! **Format.** `sk.` or `tk.`, `eyJ1Ijoi`, 40 to 200 letters, digits, `-` or `_`, a point and 22
//! more. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `mapbox.yml`. On the kind: Mapbox, "Access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mapbox_secret_token",
    name: "Mapbox secret token",
    summary: "Mapbox secret token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mapbox"],
    pattern: alone!(r"[st]k\.eyJ1Ijoi[0-9A-Za-z_-]{40,}\.[0-9A-Za-z_-]{22}"),
    match_bytes_max: 240,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "sk.eyJ1IjoiJXKLYdO0J7sxdoPkG9HI1z0gg-K-xkWFyAbkDoPop1l.T0ajxPlmCsO9FvfR9y9mP4""#,
            &["sk.eyJ1IjoiJXKLYdO0J7sxdoPkG9HI1z0gg-K-xkWFyAbkDoPop1l.T0ajxPlmCsO9FvfR9y9mP4"],
        ),
        example(
            "export TOKEN=tk.eyJ1Ijoib4dAJINwF2mKpX0fN8M-l_ol6kcwH_JwF42gF_Mix.x4RI6l1qXBZ2d5ja5BdfhS\n",
            &["tk.eyJ1Ijoib4dAJINwF2mKpX0fN8M-l_ol6kcwH_JwF42gF_Mix.x4RI6l1qXBZ2d5ja5BdfhS"],
        ),
        example("cut short sk.eyJ1IjoiJXKLYdO0J7sxdoPkG9HI1z0gg-K", &[]),
        example(
            "a placeholder sk.eyJ1Ijoixxxxxxxxxxxxxxxxxxxxxxxxx-x-xxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
