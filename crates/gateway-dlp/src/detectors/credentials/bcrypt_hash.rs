//! `bcrypt_hash`: bcrypt password hash.
//!
//! **Format.** `$2a$`, `$2b$`, `$2x$` or `$2y$`, a cost of two digits, `$` and 53 letters, digits,
//! `.` or `/`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** OpenBSD, bcrypt(3).
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bcrypt_hash",
    name: "bcrypt password hash",
    summary: "bcrypt password hash, by its marks and lengths",
    category: Category::Credentials,
    keywords: &["hash", "password"],
    pattern: r"\$2[abxy]\$[0-3][0-9]\$[0-9A-Za-z./]{53}\b{end-half}",
    match_bytes_max: 64,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "x: $2y$10$q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUz;",
            &["$2y$10$q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUz"],
        ),
        example(
            "x: $2b$12$Xr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUzq8Zt2LmV0c;",
            &["$2b$12$Xr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUzq8Zt2LmV0c"],
        ),
        example("$2y$10$tooshort", &[]),
        example("$3y$10$q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7aoP6iNk8WdUz", &[]),
    ],
};
