//! `azure_devops_token`: Azure DevOps personal access token.
//!
//! **Format.** 76 letters or digits, the signature `AZDO` and four more; or, for older ones, 52
//! characters of base32 in small letters, assigned to a name with `devops` and, for example, `pat`
//! in it, which is no part of the finding. No ASCII letter, digit or `_` may follow, nor stand
//! before a prefix but for an escape such as `\n` or `%20`.
//!
//! **Validator.** What stands before the signature, or the value, looks random: enough entropy, no
//! long run, no word that marks a placeholder.
//!
//! **Source.** Azure DevOps, "Use personal access tokens"; kingfisher, `azuredevops.yml` and, for
//! the older kind, `azure.yml`.
//!
//! **Confidence.** High with the signature: no other text has this form. Medium for a value that a
//! name tells.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, is_end_of_token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_devops_token",
    name: "Azure DevOps personal access token",
    summary: "Azure DevOps personal access token, by signature or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "devops", "pat"],
    pattern: concat!(
        alone!("[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}"),
        "|",
        assigned!(
            "(?:ado_|(?:azdo|devops|vsts)[_. -]?)(?:ext[_. -]?)?(?:pat|token)",
            "[2-7a-z]{52}"
        ),
    ),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
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
        example(
            "AZURE_DEVOPS_EXT_PAT=z4ototgunpys4f42qesu6iq3s2ksy4myvmwawsmkq2o2wzahmatk",
            &["z4ototgunpys4f42qesu6iq3s2ksy4myvmwawsmkq2o2wzahmatk"],
        ),
        example("no name before it: z4ototgunpys4f42qesu6iq3s2ksy4myvmwawsmkq2o2wzahmatk", &[]),
    ],
};

/// Characters that are drawn.
const DRAWN: usize = 52;

/// Where the signature stands in a token that has it.
const SIGNATURE: usize = 76;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let token = sample.matched.get(lead..)?;
    if !token.get(SIGNATURE..).is_some_and(|end| end.starts_with(b"AZDO")) {
        return value(sample, Confidence::Medium);
    }
    let random = !is_end_of_token(sample.before, 0) && is_random(token.get(..DRAWN)?);
    random.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
