//! `authress_access_key`: Authress service client access key.
//!
//! **Format.** `authress_`, `ext_`, `sc_` or `scauth_` and 5 to 30 small letters or digits, a
//! point, four to six more, `.acc`, `-` or `_`, 10 to 32 more or `-`, a point and 30 to 120 of
//! base64. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** The last part looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `authress-service-client-access-key`. On the kind:
//! Authress, "Secret scanning", form of access keys.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "authress_access_key",
    name: "Authress service client access key",
    summary: "Authress access keys, by prefix and parts",
    category: Category::Credentials,
    keywords: &["authress"],
    pattern: alone!(
        r"(?:authress|ext|sc|scauth)_[0-9a-z]{5,30}\.[0-9a-z]{4,6}\.acc[_-][0-9a-z-]{10,32}\.[0-9A-Za-z+/_=-]{30,120}"
    ),
    match_bytes_max: 256,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"key = "sc_r3aem1qxfx.uru1.acc-k2gwi21xazqc.CgjZ1YzDAStHSQXw8Q12SXLAHijHH3sWKBX94XQJZjHI""#,
            &["sc_r3aem1qxfx.uru1.acc-k2gwi21xazqc.CgjZ1YzDAStHSQXw8Q12SXLAHijHH3sWKBX94XQJZjHI"],
        ),
        example(
            "AUTHRESS_KEY=authress_8twyv94haj.9erx.acc_rsc3okg2i33f.hjUGRJpuzlf2Bi0vtvAmXhmyTeaDJsxTRI5NaK8uELOa\n",
            &[
                "authress_8twyv94haj.9erx.acc_rsc3okg2i33f.hjUGRJpuzlf2Bi0vtvAmXhmyTeaDJsxTRI5NaK8uELOa",
            ],
        ),
        example("cut short ext_onlguyvv65.us60.acc-qry1mp87cwtq.7ge", &[]),
        example(
            "a placeholder sc_abcdefghij.abcd.acc-abcdefghijkl.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let secret = sample.matched.rsplit(|byte| *byte == b'.').next()?;
    is_random(secret).then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
