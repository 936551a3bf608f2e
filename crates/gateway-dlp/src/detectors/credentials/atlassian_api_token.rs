//! `atlassian_api_token`: Atlassian API token.
//!
//! **Format.** `ATATT3`, or `ATCTT3xFfGN0`, which opens a repository, project or workspace of
//! Bitbucket, 150 to 200 letters, digits, `-` or `_`, then `=` and eight hexadecimal digits in
//! capitals. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The digits at the end are the CRC-32 of all that stands before them. Where they
//! are not, what follows the prefix must look random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `atlassian-api-token`, with a token of 192
//! characters, on which the checksum was found. On the kind: Atlassian Support, "Manage API tokens
//! for your Atlassian account".
//!
//! **Confidence.** High with a checksum: no other text has this form. Medium without.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::crc32;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "atlassian_api_token",
    name: "Atlassian API token",
    summary: "Atlassian API token, by prefix, length, alphabet and checksum",
    category: Category::Credentials,
    keywords: &["atlassian", "confluence", "jira"],
    pattern: r"(?:ATATT3|ATCTT3xFfGN0)[0-9A-Za-z_-]{150,}=[0-9A-F]{8}\b{end-half}",
    match_bytes_max: 224,
    validators: &["crc32", "random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "token: ATCTT3xFfGN0qyzenEgyEAp-ZQyiJ_kfu71V3YjxE1OlzChUUdG7ZFfkq0zjou-SI-QB0NRjwJLtp70tQaonifxtd-A0X-MnOc7wqbZPqSFJTYpujEwWEPhZ2qhs1CS8s-I2JYdefu4bWSuNeQ58_fTil2HH7FlB_yy6Cu-CeACB_ePNkdHk1od=47913E50",
            &[
                "ATCTT3xFfGN0qyzenEgyEAp-ZQyiJ_kfu71V3YjxE1OlzChUUdG7ZFfkq0zjou-SI-QB0NRjwJLtp70tQaonifxtd-A0X-MnOc7wqbZPqSFJTYpujEwWEPhZ2qhs1CS8s-I2JYdefu4bWSuNeQ58_fTil2HH7FlB_yy6Cu-CeACB_ePNkdHk1od=47913E50",
            ],
        ),
        example(
            r#"token = "ATATT3xFfGF0Wec1ONK7tJc-oZyK5ftQRRHlbGsoS3inMMxDssyYLq7ota9bcKe0O0BPLFl5sdqrMRPZ6LF6PTW74TYn7P-7CxQgF_54biTd38qBI_IjaJPuVP19Uk-9G8m878X_PX-cMjrhuTsUgGBqqy93SUtyBQEkxIdoQthDnDczqUbkI0Y=13AA84A5""#,
            &[
                "ATATT3xFfGF0Wec1ONK7tJc-oZyK5ftQRRHlbGsoS3inMMxDssyYLq7ota9bcKe0O0BPLFl5sdqrMRPZ6LF6PTW74TYn7P-7CxQgF_54biTd38qBI_IjaJPuVP19Uk-9G8m878X_PX-cMjrhuTsUgGBqqy93SUtyBQEkxIdoQthDnDczqUbkI0Y=13AA84A5",
            ],
        ),
        example(
            "Authorization: Bearer ATATT3xFfGF0clv9D7K6MnclkbeEem0IbEqTRl4FY9nMlY7SLegDLx6nDPHKMPvQNZpnSQpi7vvX--PGVg-wkPOST5umqP3HV8QZXzri5uFX0VqirZ4Ox2x0gZ_PaCiJDvRjT06coQiNSaOjO6CiL5RINgJdR2z5YiWZFRdgzh7YWPR96ussnj2=833ADD89",
            &[
                "ATATT3xFfGF0clv9D7K6MnclkbeEem0IbEqTRl4FY9nMlY7SLegDLx6nDPHKMPvQNZpnSQpi7vvX--PGVg-wkPOST5umqP3HV8QZXzri5uFX0VqirZ4Ox2x0gZ_PaCiJDvRjT06coQiNSaOjO6CiL5RINgJdR2z5YiWZFRdgzh7YWPR96ussnj2=833ADD89",
            ],
        ),
        example(
            "wrong checksum ATATT3xFfGF0GDMHc59l0a1N93zVLJgwI9b0P-0EGSKvrIk972IlnHc3gUYl4et7dBhFX8voTDRs6ui7LbCZOnKKCMgrugmRnFox9RQPg2IjJ3dtEWm0ThKoABLr5QjMxLjUY5AzOsEvXHvv1v6zWwcFi6PGkv7WB43462oJfTQRyJBSY-KE7W7=473983BE",
            &[
                "ATATT3xFfGF0GDMHc59l0a1N93zVLJgwI9b0P-0EGSKvrIk972IlnHc3gUYl4et7dBhFX8voTDRs6ui7LbCZOnKKCMgrugmRnFox9RQPg2IjJ3dtEWm0ThKoABLr5QjMxLjUY5AzOsEvXHvv1v6zWwcFi6PGkv7WB43462oJfTQRyJBSY-KE7W7=473983BE",
            ],
        ),
        example(
            "cut short ATATT3xFfGF0Wec1ONK7tJc-oZyK5ftQRRHlbGsoS3inMMxDssyYLq7ota9bcKe0O0BPLFl5sdqrMRPZ6LF6PTW74TYn7P-7CxQgF_54biTd38",
            &[],
        ),
        example(
            "a placeholder ATATT3xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=0A0A0A0A",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let confidence = if is_checked(sample.matched) { Confidence::High } else { Confidence::Medium };
    token(sample, PREFIX, confidence)
}

/// Whether the digits at the end are the CRC-32 of all that stands before them.
fn is_checked(token: &[u8]) -> bool {
    let Some((front, checksum)) = token.split_last_chunk::<8>() else { return false };
    let told = str::from_utf8(checksum).ok().and_then(|hex| u32::from_str_radix(hex, 16).ok());
    told == Some(crc32(front))
}
