//! `argon2_hash`: Argon2 password hash.
//!
//! **Format.** `$argon2`, the kind (`i`, `d`, `id`), `$`, for most a version, the costs, a salt and
//! a hash of 20 to 90 characters of base64, parted by `$`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** RFC 9106; the PHC string format.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "argon2_hash",
    name: "Argon2 password hash",
    summary: "Argon2 password hash, by its marks and lengths",
    category: Category::Credentials,
    keywords: &["hash", "password"],
    pattern: r"\$argon2(?:id?|d)\$(?:v=[0-9]{1,3}\$)?m=[0-9]{1,8},t=[0-9]{1,4},p=[0-9]{1,3}\$[0-9A-Za-z+/]{11,64}\$[0-9A-Za-z+/]{20,90}\b{end-half}",
    match_bytes_max: 208,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "x: $argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQxMjM0$Q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7ao;",
            &[
                "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQxMjM0$Q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7ao",
            ],
        ),
        example(
            "x: $argon2i$m=4096,t=3,p=1$q8Zt2LmV0cXr7YpK$w3HdQ1sBn5jT9uEvGfRx4CyM7ao;",
            &["$argon2i$m=4096,t=3,p=1$q8Zt2LmV0cXr7YpK$w3HdQ1sBn5jT9uEvGfRx4CyM7ao"],
        ),
        example("$argon2id$v=19$m=65536,t=3,p=4$short", &[]),
        example(
            "$argon2x$v=19$m=65536,t=3,p=4$c29tZXNhbHQxMjM0$Q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx4CyM7ao",
            &[],
        ),
    ],
};
