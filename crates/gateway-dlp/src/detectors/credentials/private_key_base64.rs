//! `private_key_base64`: Private keys in PEM form, encoded in base64 once more.
//!
//! **Format.** What base64 makes of a line `-----BEGIN … PRIVATE KEY-----` (plain, RSA, DSA, EC,
//! OpenSSH or encrypted), 40 or more characters of base64 on the same line, and padding, as in
//! secrets and configurations of Kubernetes. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None: no other text begins so.
//!
//! **Source.** noseyparker, `pem.yml`, `np.pem.2`; RFC 4648, section 4.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "private_key_base64",
    name: "Private key (base64 of PEM)",
    summary: "Private keys in PEM form that are encoded in base64 once more",
    category: Category::Credentials,
    keywords: &["key", "private"],
    pattern: concat!(
        "LS0tLS1CRUdJTi(?:",
        "BEU0EgUFJJVkFURSBLRVktLS0t",
        "|BFQyBQUklWQVRFIEtFWS0tLS0t",
        "|BFTkNSWVBURUQgUFJJVkFURSBLRVktLS0t",
        "|BPUEVOU1NIIFBSSVZBVEUgS0VZLS0t",
        "|BQUklWQVRFIEtFWS0tLS0t",
        "|BSU0EgUFJJVkFURSBLRVktLS0t",
        r")[0-9A-Za-z+/]{40,}={0,2}\b{end-half}",
    ),
    match_bytes_max: 16 << 10,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example(
            "    client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpoN21XNnNURDQ5bTNaUEVPUmtGRVR6YUZhaElUYlVCMENLYWovb3dPdVNCakEzNHRSUk5nbVdMVXE1cXFTMTlGCnh1UGVpT0E4NUpFQkJSL1pkZmhsVFAxb1NKSDlyQ0FuTVpJV0tkUkFSMHMzUUhhUWF1cFk1MW5Fa0gweDBDMjcKLS0tLS1FTkQgUlNBIFBSSVZBVEUgS0VZLS0tLS0K\n",
            &[
                "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpoN21XNnNURDQ5bTNaUEVPUmtGRVR6YUZhaElUYlVCMENLYWovb3dPdVNCakEzNHRSUk5nbVdMVXE1cXFTMTlGCnh1UGVpT0E4NUpFQkJSL1pkZmhsVFAxb1NKSDlyQ0FuTVpJV0tkUkFSMHMzUUhhUWF1cFk1MW5Fa0gweDBDMjcKLS0tLS1FTkQgUlNBIFBSSVZBVEUgS0VZLS0tLS0K",
            ],
        ),
        example(
            r#"{"privateKey": "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS0KN3d0ZVp6YjdDeXYzQzlKUlQ0djVyYTBscWVYSE1sUGZFZWhGVHE2Q3JoMUJ3L2ZCcEdpNytaTllOeVUvQlorZApnTE8wRXZzUTdSUXlva0RlcEtjRk83ZEhIMWFHa2VyN3JhbmJvVHNkaUZmMkNtNnJSN1BuK3ZXQzBtTWtIQmFICi0tLS0tRU5EIE9QRU5TU0ggUFJJVkFURSBLRVktLS0tLQo="}"#,
            &[
                "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS0KN3d0ZVp6YjdDeXYzQzlKUlQ0djVyYTBscWVYSE1sUGZFZWhGVHE2Q3JoMUJ3L2ZCcEdpNytaTllOeVUvQlorZApnTE8wRXZzUTdSUXlva0RlcEtjRk83ZEhIMWFHa2VyN3JhbmJvVHNkaUZmMkNtNnJSN1BuK3ZXQzBtTWtIQmFICi0tLS0tRU5EIE9QRU5TU0ggUFJJVkFURSBLRVktLS0tLQo=",
            ],
        ),
        example(
            "tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCnViZnpwTGRqVUFDeU5XMyt5UStscVJxNkNBSnlnbk1DQkgvR2greHFzdDlxSGtsQURvcDI1T0RKUms2a1pRODkKcXRkZFlxUyt4UzhiWHdoRXpkZTMwRms4cFlJOE8vaWxJS3VySlFOdGkxTDFVeGdNMW91L3piMklRLzU5T29MdgotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==",
            &[
                "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCnViZnpwTGRqVUFDeU5XMyt5UStscVJxNkNBSnlnbk1DQkgvR2greHFzdDlxSGtsQURvcDI1T0RKUms2a1pRODkKcXRkZFlxUyt4UzhiWHdoRXpkZTMwRms4cFlJOE8vaWxJS3VySlFOdGkxTDFVeGdNMW91L3piMklRLzU5T29MdgotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==",
            ],
        ),
        example(
            "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCnRQTG1RQm0xazVCdGlycjgyL1ZZU3VhRWN1OHlPbUN6Z0tGeG5lNkxMUVF4S3dCczVsVG5yMG5QSEdvQTBkTmIK",
            &[],
        ),
        example("cut short LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpoN21XNn", &[]),
    ],
};
