//! `cloudinary_url`: Cloudinary URL.
//!
//! **Format.** `cloudinary://`, the key of 15 digits, `:`, the secret of 27 letters, digits,
//! `-` or `_`, `@` and the name of the cloud.
//!
//! **Validator.** The secret looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Cloudinary, "Configuring with the CLOUDINARY_URL environment variable".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudinary_url",
    name: "Cloudinary URL",
    summary: "Cloudinary URLs with key and secret, by scheme and lengths",
    category: Category::Credentials,
    keywords: &["cloudinary"],
    pattern: r"cloudinary://[0-9]{12,15}:[0-9A-Za-z_-]{27}@[0-9A-Za-z][0-9A-Za-z_-]{1,}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "CLOUDINARY_URL=cloudinary://482917360518274:UGFUqSTcmtbKscWcCu36WnbRoy8@demo-shop",
            &["cloudinary://482917360518274:UGFUqSTcmtbKscWcCu36WnbRoy8@demo-shop"],
        ),
        example(
            r#""cloudinary://918273645546372:8yoRbnW63uCcWcsKbtmcTSqUFGU@acme""#,
            &["cloudinary://918273645546372:8yoRbnW63uCcWcsKbtmcTSqUFGU@acme"],
        ),
        example("cloudinary://<your_api_key>:<your_api_secret>@demo", &[]),
        example("cloudinary://482917360518274:xxxxxxxxxxxxxxxxxxxxxxxxxxx@demo", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let user = sample.matched.split(|byte| *byte == b'@').next()?;
    let secret = user.rsplit(|byte| *byte == b':').next()?;
    if is_random(secret) { Judgement::whole(Confidence::High) } else { None }
}
