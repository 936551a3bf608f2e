//! `vercel_token`: Vercel access token.
//!
//! **Format.** `vcp_` (personal), `vci_` (integration), `vca_` and `vcr_` (access and refresh of an
//! app) or `vck_` (AI gateway), 50 letters, digits, `-` or `_` and six letters or digits of
//! checksum; or 24 letters or digits, assigned to a name with `vercel` in it and at most 30 more
//! characters, which is no part of the finding. No ASCII letter, digit or `_` may follow, nor stand
//! before a prefix but for an escape such as `\n` or `%20`.
//!
//! **Validator.** The last six characters are the CRC-32 of what stands between the prefix and
//! them, in base 62. Where they are not, what follows the prefix, or the value, must look random:
//! enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** kingfisher, `vercel.yml`, with the checksum, and the changelog it names, Vercel,
//! "New token formats and secret scanning".
//!
//! **Confidence.** High with a checksum. Low where the checksum is wrong: Vercel made no such
//! token, but a person may have changed a real one. Medium for a value that a name tells.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, checked, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vercel_token",
    name: "Vercel access token",
    summary: "Vercel access token, by prefix and checksum, or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["vercel"],
    pattern: concat!(
        alone!("vc[acikpr]_[0-9A-Za-z_-]{50}[0-9A-Za-z]{6}"),
        "|",
        assigned!("vercel", "[0-9A-Za-z]{24}"),
    ),
    match_bytes_max: 96,
    validators: &["crc32", "random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "VERCEL_TOKEN=vcp_NPo0Y23vE2LmMr7gwVAIv3FuQIF69jx51RvWmXQMqA03Ou9MRM15K8wn",
            &["vcp_NPo0Y23vE2LmMr7gwVAIv3FuQIF69jx51RvWmXQMqA03Ou9MRM15K8wn"],
        ),
        example(
            r#"{"a":"\nvck_V1I0f5GXt7Tou6US8fgdNR5aa913ZTeGwNoZAJKCqvwhCRU6uD0hJssG"}"#,
            &["vck_V1I0f5GXt7Tou6US8fgdNR5aa913ZTeGwNoZAJKCqvwhCRU6uD0hJssG"],
        ),
        example(
            r#""vca_RBzAWo2_942i1bdqaSldNAW_PoSwAbFEozLZOPwMDazdihK6r70JPRZy""#,
            &["vca_RBzAWo2_942i1bdqaSldNAW_PoSwAbFEozLZOPwMDazdihK6r70JPRZy"],
        ),
        example(
            "wrong checksum vcp_NPo0Y23vE2LmMr7gwVAIv3FuQIF69jx51RvWmXQMqA03Ou9MRM15K8wX",
            &["vcp_NPo0Y23vE2LmMr7gwVAIv3FuQIF69jx51RvWmXQMqA03Ou9MRM15K8wX"],
        ),
        example(r#"vercel = "x1SKZB7EIQ8hOaFl3HxKDBZo""#, &["x1SKZB7EIQ8hOaFl3HxKDBZo"]),
        example(r#"{"vercel": "5UIj5ntFDLS03sLR9vpOySQ4"}"#, &["5UIj5ntFDLS03sLR9vpOySQ4"]),
        example("no name before it: x1SKZB7EIQ8hOaFl3HxKDBZo", &[]),
        example(r#"vercel = "xxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
        example("a placeholder vcp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of a prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'v', b'c', _, b'_', ..] = begin {
        checked(sample, PREFIX, Confidence::Low)
    } else {
        value(sample, Confidence::Medium)
    }
}
