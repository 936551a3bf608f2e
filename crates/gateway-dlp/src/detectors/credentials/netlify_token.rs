//! `netlify_token`: Netlify access token.
//!
//! **Format.** `nfp_` and 36 to 48 letters or digits; or, for older ones, 43 to 45 letters, digits,
//! `-` or `_`, assigned to a name with `netlify` and `token` in it, which is no part of
//! the finding. No ASCII letter, digit or `_` may follow, nor stand before a prefix but for an
//! escape such as `\n` or `%20`.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** kingfisher, `netlify.yml`; gitleaks, `config/gitleaks.toml`, `netlify-access-token`.
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "netlify_token",
    name: "Netlify access token",
    summary: "Netlify access token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["netlify"],
    pattern: concat!(
        alone!("nfp_[0-9A-Za-z]{36,48}"),
        "|",
        assigned!("netlify[_. -]?(?:(?:access|api|auth)[_. -]?)?token", "[0-9A-Za-z_-]{43,45}"),
    ),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=nfp_1QjM1tDCtI6DBoD1ymxDWSorc340c4QC27DG\n",
            &["nfp_1QjM1tDCtI6DBoD1ymxDWSorc340c4QC27DG"],
        ),
        example(
            "Authorization: Bearer nfp_M55wN4EMVIpBd0Lerwe5tDvtSCfIY7It7RxD",
            &["nfp_M55wN4EMVIpBd0Lerwe5tDvtSCfIY7It7RxD"],
        ),
        example("cut short nfp_1QjM1tDCtI6DBoD1", &[]),
        example("a placeholder nfp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
        example(
            "export TOKEN=nfp_8AEkGVATt4fHcXDrjqe3f93nyE5jCupbnPRnLjo8\n",
            &["nfp_8AEkGVATt4fHcXDrjqe3f93nyE5jCupbnPRnLjo8"],
        ),
        example(
            "NETLIFY_AUTH_TOKEN=N93zVLJgwI9b0P-0EGSKvrIk972IlnHc3gUYl4et7dB",
            &["N93zVLJgwI9b0P-0EGSKvrIk972IlnHc3gUYl4et7dB"],
        ),
        example(r#"netlify_site = "N93zVLJgwI9b0P-0EGSKvrIk972IlnHc3gUYl4et7dB""#, &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'n', b'f', b'p', b'_', ..] = begin {
        token_alone(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
