//! `terraform_cloud_token`: HCP Terraform token.
//!
//! **Format.** 14 letters or digits, `.atlasv1.` and 60 to 70 letters, digits, `-` or `_`. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `hashicorp-tf-api-token`. On the kind: HCP
//! Terraform, "API tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "terraform_cloud_token",
    name: "HCP Terraform token",
    summary: "HCP Terraform token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["hcp", "terraform"],
    pattern: alone!(r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_-]{60,70}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer 9sEefnSPpyuhA6.atlasv1.9oKg5e-s8idwbOsCN9WjaC6JexfAMcllR1x3FJFOBAY60_PBEV0hI4bvxgR6",
            &[
                "9sEefnSPpyuhA6.atlasv1.9oKg5e-s8idwbOsCN9WjaC6JexfAMcllR1x3FJFOBAY60_PBEV0hI4bvxgR6",
            ],
        ),
        example(
            r#"token = "aZnzwQdvZEsr8y.atlasv1.RxiKeoCNo__COANXJjz3RidjofGYG9-M9J_K7dAxL2p-Xj7Y8xPZInGBoRlVJ""#,
            &[
                "aZnzwQdvZEsr8y.atlasv1.RxiKeoCNo__COANXJjz3RidjofGYG9-M9J_K7dAxL2p-Xj7Y8xPZInGBoRlVJ",
            ],
        ),
        example("cut short 9sEefnSPpyuhA6.atlasv1.9oKg5e-s8idwbOsCN9", &[]),
        example(
            "a placeholder xxxxxxxxxxxxxx.xxxxxxx.xxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
