//! `putty_private_key`: private keys of PuTTY.
//!
//! **Format.** `PuTTY-User-Key-File-2:` or `-3:`, the kind of key, and the lines of headers, public
//! and private part up to `Private-MAC` and its value, at most 8 KiB.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** PuTTY manual, appendix C.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "putty_private_key",
    name: "PuTTY private key",
    summary: "Private keys of PuTTY, from their first line to their checksum",
    category: Category::Credentials,
    keywords: &["private key", "putty"],
    pattern: concat!(
        r"PuTTY-User-Key-File-[23]: [0-9a-z@.-]{3,40}(?:\r?\n|\\r\\n|\\n)Encryption: (?:none|aes256-cbc)",
        r"[0-9A-Za-z+/=:., \r\n\\@_()-]*?Private-Lines: [0-9]{1,3}(?:[0-9A-Za-z+/=\s\\]*?Private-(?:MAC|Hash): [0-9a-f]{40,64}|[0-9A-Za-z+/=\s\\]*)"
    ),
    match_bytes_max: 8192,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: a key\nPublic-Lines: 1\nAAAAC3NzaC1lZDI1NTE5\nPrivate-Lines: 1\nAAAAIKq8Zt2LmV0cXr7Y\nPrivate-MAC: 8f14e45fceea167a5a36dedd4bea2543b1c0a97d8f14e45fceea167a5a36dedd\n",
            &[
                "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: a key\nPublic-Lines: 1\nAAAAC3NzaC1lZDI1NTE5\nPrivate-Lines: 1\nAAAAIKq8Zt2LmV0cXr7Y\nPrivate-MAC: 8f14e45fceea167a5a36dedd4bea2543b1c0a97d8f14e45fceea167a5a36dedd",
            ],
        ),
        example(
            "PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: aes256-cbc\r\nComment: b\r\nPrivate-Lines: 1\r\nq8Zt2LmV0cXr7YpKw3Hd; cut",
            &[
                "PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: aes256-cbc\r\nComment: b\r\nPrivate-Lines: 1\r\nq8Zt2LmV0cXr7YpKw3Hd",
            ],
        ),
        example("PuTTY-User-Key-File-3: a file of this kind", &[]),
        example("PuTTY-User-Key-File-3: ssh-rsa\nComment: no encryption line", &[]),
    ],
};
