//! `yandex_translate_key`: Yandex translation or dictionary key.
//!
//! **Format.** `dict.1.1.`, `pdct.1.1.` or `trnsl.1.1.`, a time as `20240131T120000Z`, 16
//! hexadecimal digits and 40, parted by points. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Yandex developer documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "yandex_translate_key",
    name: "Yandex translation or dictionary key",
    summary: "Yandex translation or dictionary key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["yandex"],
    pattern: r"(?:dict|pdct|trnsl)\.1\.1\.[0-9]{8}T[0-9]{6}Z\.[0-9a-f]{16}\.[0-9a-f]{40}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"pdct.1.1.99890166T644084Z.48bc5ea73ed7fa20.843917c4d75f547e5d96a4bf36bc8111ba85149b","id":7}"#,
            &[
                "pdct.1.1.99890166T644084Z.48bc5ea73ed7fa20.843917c4d75f547e5d96a4bf36bc8111ba85149b",
            ],
        ),
        example(
            "key: trnsl.1.1.56212500T159298Z.3962ae197669958f.8258b1c2fea8e3ff3e744dde6ec4a8440681c513, and more",
            &[
                "trnsl.1.1.56212500T159298Z.3962ae197669958f.8258b1c2fea8e3ff3e744dde6ec4a8440681c513",
            ],
        ),
        example("cut short pdct.1.1.99890166T644084Z.48bc5ea73ed7fa20.843917c4d7", &[]),
        example(
            "a placeholder pdct.1.1.xxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
