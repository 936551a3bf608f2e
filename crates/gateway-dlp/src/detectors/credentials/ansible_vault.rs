//! `ansible_vault`: Ansible Vault text.
//!
//! **Format.** `$ANSIBLE_VAULT;1.1;AES256` or `;1.2;AES256;` and a label, which may be empty, a
//! line end and at least 40 hexadecimal digits; at most 8 KiB.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Ansible, "Encrypting content with Ansible Vault".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ansible_vault",
    name: "Ansible Vault text",
    summary: "Ansible Vault text, by its marks and lengths",
    category: Category::Credentials,
    keywords: &["ansible", "vault"],
    pattern: r"\$ANSIBLE_VAULT;1\.[12];AES256(?:;[0-9A-Za-z_.-]{0,40})?(?:\r?\n|\\n)\s{0,24}[0-9a-f]{40}[0-9a-f\s\\]*",
    match_bytes_max: 8192,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "$ANSIBLE_VAULT;1.2;AES256;\n0f3c41437441147ed6230ca66acb766d115b464c02e66db6a7f18a9acfa63959",
            &[
                "$ANSIBLE_VAULT;1.2;AES256;\n0f3c41437441147ed6230ca66acb766d115b464c02e66db6a7f18a9acfa63959",
            ],
        ),
        example(
            "x: $ANSIBLE_VAULT;1.1;AES256\n66386439653236336462626566653063336164663966303231",
            &["$ANSIBLE_VAULT;1.1;AES256\n66386439653236336462626566653063336164663966303231"],
        ),
        example(
            "x: $ANSIBLE_VAULT;1.2;AES256;dev\n      30613233633461343837653833666333643061636561303338",
            &[
                "$ANSIBLE_VAULT;1.2;AES256;dev\n      30613233633461343837653833666333643061636561303338",
            ],
        ),
        example("$ANSIBLE_VAULT;1.1;AES256 is the header", &[]),
        example(
            "$ANSIBLE_VAULT;2.0;AES256\n66386439653236336462626566653063336164663966303231",
            &[],
        ),
    ],
};
