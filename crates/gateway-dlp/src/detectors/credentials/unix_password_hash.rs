//! `unix_password_hash`: Unix password hash.
//!
//! **Format.** `$1$`, `$apr1$`, `$5$`, `$6$` or `$y$`, for some the cost, a salt, `$` and a hash of
//! 22, 43 or 86 letters, digits, `.` or `/`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** crypt(5).
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "unix_password_hash",
    name: "Unix password hash",
    summary: "Unix password hash, by its marks and lengths",
    category: Category::Credentials,
    keywords: &["hash", "password"],
    pattern: r"\$(?:(?:1|apr1)\$[0-9A-Za-z./]{1,8}\$[0-9A-Za-z./]{22}|5\$(?:rounds=[0-9]{4,9}\$)?[0-9A-Za-z./]{1,16}\$[0-9A-Za-z./]{43}|6\$(?:rounds=[0-9]{4,9}\$)?[0-9A-Za-z./]{1,16}\$[0-9A-Za-z./]{86}|y\$[0-9A-Za-z./]{3,6}\$[0-9A-Za-z./]{1,86}\$[0-9A-Za-z./]{43})\b{end-half}",
    match_bytes_max: 208,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "x: $apr1$q8Zt2LmV$0cXr7YpKw3HdQ1sBn5jT90;",
            &["$apr1$q8Zt2LmV$0cXr7YpKw3HdQ1sBn5jT90"],
        ),
        example(
            "x: $6$Xr7YpKw3HdQ1sBn5$jT9uEvGfRx4CyM7aoP6iNk8WdUzq8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUz.1/2xy;",
            &[
                "$6$Xr7YpKw3HdQ1sBn5$jT9uEvGfRx4CyM7aoP6iNk8WdUzq8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUz.1/2xy",
            ],
        ),
        example("$6$Xr7YpKw3HdQ1sBn5$short", &[]),
        example("$7$q8Zt2LmV$0cXr7YpKw3HdQ1sBn5jT90", &[]),
    ],
};
