//! `private_key`: private keys in PEM form.
//!
//! **Format.** A line `-----BEGIN … PRIVATE KEY-----` (PKCS#1, PKCS#8 plain and encrypted, SEC 1,
//! DSA, OpenSSH) or `-----BEGIN PGP PRIVATE KEY BLOCK-----`, header lines if any, base64 and white
//! space, at least 40 characters of base64 at its front without a gap, and the `END` line if it is
//! there: a key without it is a key still. Line ends may be escaped as in a JSON string. Of one
//! that source text puts together from strings, the first line is found.
//!
//! **Validator.** None: a sentence on keys does not go on with a word of 40 letters.
//!
//! **End.** The finding ends behind the `END` line, or before the first byte that cannot belong to
//! a key. Of a key of more than 16 KiB, the first 16 KiB are found.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `private-key`. On the forms: RFC 7468 (PEM), RFC
//! 1421 (headers), RFC 9580 (OpenPGP armour).
//!
//! **Confidence.** High.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

/// The end of a line, plain or escaped.
macro_rules! eol {
    () => {
        r"(?:\r?\n|\\r\\n|\\n)"
    };
}

/// `RSA PRIVATE KEY-----` and the like.
macro_rules! label {
    () => {
        r"(?:[0-9A-Z]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    };
}

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "private_key",
    name: "Private key (PEM)",
    summary: "Private keys in PEM form of any kind, from the BEGIN line to the END line or to the \
              end of the base64 text",
    category: Category::Credentials,
    keywords: &["key", "private"],
    pattern: concat!(
        "-----BEGIN ",
        label!(),
        r"(?:",
        eol!(),
        r"[A-Za-z][A-Za-z-]*: [^\r\n\\]*)*",
        r#"(?:\\[nrt]|[\s\\"'+,])*[0-9A-Za-z+/=]{40}[0-9A-Za-z+/=\s\\]*"#,
        "(?:-----END ",
        label!(),
        ")?",
    ),
    match_bytes_max: 16 << 10,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            r#"{"k":"-----BEGIN RSA PRIVATE KEY-----\r\neo+r/dG+8SEbmWK5wfqpgAyMx6ZDy7N7PrVpSyLWvfp2AsFWNA2NFIee8JHz3UAZ\r\ne4XzEBPSMVoBiF9/5Jx1ei9tM8aaJWIKMFNZDEsOmycV/N8HNXYBC0gFEg0PInhP\r\n-----END RSA PRIVATE KEY-----"}"#,
            &[
                r"-----BEGIN RSA PRIVATE KEY-----\r\neo+r/dG+8SEbmWK5wfqpgAyMx6ZDy7N7PrVpSyLWvfp2AsFWNA2NFIee8JHz3UAZ\r\ne4XzEBPSMVoBiF9/5Jx1ei9tM8aaJWIKMFNZDEsOmycV/N8HNXYBC0gFEg0PInhP\r\n-----END RSA PRIVATE KEY-----",
            ],
        ),
        example(
            "\"-----BEGIN PRIVATE KEY-----\" +\n\"eo+r/dG+8SEbmWK5wfqpgAyMx6ZDy7N7PrVpSyLWvfp2AsFWNA2NFIee8JHz3UAZ\" +\n\"e4XzEBPSMVoBiF9/5Jx1ei9tM8aaJWIKMFNZDEsOmycV/N8HNXYBC0gFEg0PInhP\"",
            &[
                "-----BEGIN PRIVATE KEY-----\" +\n\"eo+r/dG+8SEbmWK5wfqpgAyMx6ZDy7N7PrVpSyLWvfp2AsFWNA2NFIee8JHz3UAZ",
            ],
        ),
        example(
            "key:\n-----BEGIN PRIVATE KEY-----\n\
             MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
             -----END PRIVATE KEY-----\n",
            &["-----BEGIN PRIVATE KEY-----\n\
               MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
               -----END PRIVATE KEY-----"],
        ),
        example(
            r#"{"k":"-----BEGIN EC PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp\n+K06/nwoy/HU++CXqI9EdVhC\n-----END EC PRIVATE KEY-----\n"}"#,
            &[
                r"-----BEGIN EC PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp\n+K06/nwoy/HU++CXqI9EdVhC\n-----END EC PRIVATE KEY-----",
            ],
        ),
        example(
            "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\
             DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\r\n\r\n\
             MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC, cut",
            &["-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\
               DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\r\n\r\n\
               MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"],
        ),
        example(
            "It begins with -----BEGIN PRIVATE KEY----- and goes on with many short words but \
             none of them is a key",
            &[],
        ),
        example(
            "-----BEGIN PUBLIC KEY-----\n\
             MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
             -----END PUBLIC KEY-----\n",
            &[],
        ),
    ],
};
