//! `gc_notify_key`: GC Notify API key.
//!
//! **Format.** `gcntfy-`, a name of letters, digits, `-` or `_`, and twice a dash and a UUID
//! in small letters. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `gcnotify.go`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gc_notify_key",
    name: "GC Notify API key",
    summary: "GC Notify API key of the Government of Canada, by prefix and two UUIDs",
    category: Category::Credentials,
    keywords: &["notify"],
    pattern: alone!("gcntfy-[0-9A-Za-z_-]+(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}){2}",),
    match_bytes_max: 176,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: ApiKey-v1 gcntfy-permits_live-00c8addd-4d99-ad86-0fc3-e98646b83f4a-f1acc4a3-e5c3-b8df-d6d9-8f788cde61cd",
            &[
                "gcntfy-permits_live-00c8addd-4d99-ad86-0fc3-e98646b83f4a-f1acc4a3-e5c3-b8df-d6d9-8f788cde61cd",
            ],
        ),
        example(
            "NOTIFY_API_KEY=gcntfy-news-80e149a4-4c6d-9050-ed56-c13d0a836825-153000f5-7584-f71a-aba5-f2fe9fc138cb",
            &[
                "gcntfy-news-80e149a4-4c6d-9050-ed56-c13d0a836825-153000f5-7584-f71a-aba5-f2fe9fc138cb",
            ],
        ),
        example("cut short gcntfy-news-80e149a4-4c6d-9050-ed56-c13d0a836825", &[]),
        example(
            "a placeholder gcntfy-key-name-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
