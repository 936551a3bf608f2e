//! `azure_storage_key`: Azure Storage account key.
//!
//! **Format.** 76 characters of base64, the mark `+ASt` of the service and the rest of a key with
//! its padding: 88 characters in all. No ASCII letter, digit or `_` may touch it, but an escape
//! such as `\n` or `%20` may come right before it. Older keys have no mark: as long, they are found
//! where they are assigned to a name with `AccountKey`, as in connection strings, `StorageKey` or
//! `StorageAccessKey`, which is no part of the finding.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder. It
//! is not the key that all emulators of the service have.
//!
//! **Source.** kingfisher, `data/rules/azurestorage.yml`, for the name and the length. On the mark:
//! Microsoft Security Utilities, identifiable keys. On the example keys: Azure Storage
//! documentation, "Use the Azurite emulator".
//!
//! **Confidence.** High: the mark stands at its place by chance in one of sixteen million; without
//! it the name and the length tell what it is.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_storage_key",
    name: "Azure Storage account key",
    summary: "Azure Storage account key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: concat!(
        alone!(r"[0-9A-Za-z+/]{76}\+ASt[0-9A-Za-z+/]{5}[AQgw]=="),
        "|",
        assigned!("(?:account|storage)_?(?:access)?_?key", "[0-9A-Za-z+/]{85}[AQgw]=="),
    ),
    match_bytes_max: 160,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "DefaultEndpointsProtocol=https;AccountName=shop1;AccountKey=1qdXWPJx/d8ut8pdqsxRpvED5hJRaOvRTYZPNvS+I4k9GvvK9JkmW378D/Cn511CFUBWkNhBm2bd2AG2+B2TFg==;EndpointSuffix=core.windows.net",
            &[
                "1qdXWPJx/d8ut8pdqsxRpvED5hJRaOvRTYZPNvS+I4k9GvvK9JkmW378D/Cn511CFUBWkNhBm2bd2AG2+B2TFg==",
            ],
        ),
        example(
            "azureStorageAccessKey: 1qdXWPJx/d8ut8pdqsxRpvED5hJRaOvRTYZPNvS+I4k9GvvK9JkmW378D/Cn511CFUBWkNhBm2bd2AG2+B2TFg==",
            &[
                "1qdXWPJx/d8ut8pdqsxRpvED5hJRaOvRTYZPNvS+I4k9GvvK9JkmW378D/Cn511CFUBWkNhBm2bd2AG2+B2TFg==",
            ],
        ),
        example(
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
            &[],
        ),
        example(
            "PublicKey: 1qdXWPJx/d8ut8pdqsxRpvED5hJRaOvRTYZPNvS+I4k9GvvK9JkmW378D/Cn511CFUBWkNhBm2bd2AG2+B2TFg==",
            &[],
        ),
        example(
            "export TOKEN=/mdF11YaMD7Pl+31n+4I1o2Ti+6uPfI1URiTZeUEmlUjF6CtddO2Milmjb79bRvSISExPLwjFC3Y+AStXHaNRA==\n",
            &[
                "/mdF11YaMD7Pl+31n+4I1o2Ti+6uPfI1URiTZeUEmlUjF6CtddO2Milmjb79bRvSISExPLwjFC3Y+AStXHaNRA==",
            ],
        ),
        example(
            r#"token = "xv9nScFRE9fAiyfQpLcrxbLzg4GOVm7uKmzixCWD6XnLrtKjvDQEwEGGKpugjKhsUfJTJ1pA2/9M+AStKPVacg==""#,
            &[
                "xv9nScFRE9fAiyfQpLcrxbLzg4GOVm7uKmzixCWD6XnLrtKjvDQEwEGGKpugjKhsUfJTJ1pA2/9M+AStKPVacg==",
            ],
        ),
        example("no mark of the Storage account: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example(
            "a placeholder /xxxxxxxxxxxx+xxx+xxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxxx==",
            &[],
        ),
    ],
};

/// Bytes of a key.
const KEY: usize = 88;
/// The end of the key that all emulators of the service have.
const EMULATOR: &[u8] = b"K1SZFPTOtr/KBHBeksoGMGw==";

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.len() == lead_in_len(sample.matched) + KEY {
        token_alone(sample, 0, Confidence::High)
    } else {
        value(sample, Confidence::High).filter(|_| !sample.matched.ends_with(EMULATOR))
    }
}
