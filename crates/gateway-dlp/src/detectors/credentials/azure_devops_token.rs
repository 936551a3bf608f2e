//! `azure_devops_token`: Azure DevOps personal access token.
//!
//! **Format.** 76 letters or digits, `AZDO` and four letters or digits. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first 52 characters look random: enough entropy, no long run, no word that
//! marks a placeholder. What follows them is in part always the same.
//!
//! **Source.** Azure DevOps, "Use personal access tokens", format since 2024.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::is_end_of_token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_devops_token",
    name: "Azure DevOps personal access token",
    summary: "Azure DevOps personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "devops", "pat"],
    pattern: alone!("[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "AZURE_DEVOPS_EXT_PAT=41PB2qs353f2Huu6mXrxWUREVXXPHzGIz3qyV4J1TQt7frRgjix7JQQJ99BKACAAAAAAAAAAAAASAZDOYSdn",
            &[
                "41PB2qs353f2Huu6mXrxWUREVXXPHzGIz3qyV4J1TQt7frRgjix7JQQJ99BKACAAAAAAAAAAAAASAZDOYSdn",
            ],
        ),
        example(
            "key: 70J1OAaX9KXM4OI9IgHWGp9YJUmps6llvnIxRa7I0CeCcaxxAOz1MLXO5QLRTXufCMy9fagNzlcKAZDOUu1q, and more",
            &[
                "70J1OAaX9KXM4OI9IgHWGp9YJUmps6llvnIxRa7I0CeCcaxxAOz1MLXO5QLRTXufCMy9fagNzlcKAZDOUu1q",
            ],
        ),
        example(
            "Authorization: Bearer 0VapH40qfF9d94RAcSkhsFvyFhIXSf3EjmiRwwsRe2WKJ0Ud8M5ojrTeNizQ6rkkFkunfdLvCiOmAZDOiDAb",
            &[
                "0VapH40qfF9d94RAcSkhsFvyFhIXSf3EjmiRwwsRe2WKJ0Ud8M5ojrTeNizQ6rkkFkunfdLvCiOmAZDOiDAb",
            ],
        ),
        example("cut short 70J1OAaX9KXM4OI9IgHWGp9YJUmps6llvnIxRa7I0C", &[]),
        example(
            "a placeholder xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Characters that are drawn.
const DRAWN: usize = 52;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let drawn = sample.matched.get(lead..lead + DRAWN)?;
    is_random(drawn).then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
