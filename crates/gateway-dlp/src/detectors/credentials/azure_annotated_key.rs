//! `azure_annotated_key`: annotated keys of Azure, as those of Azure OpenAI, Speech and Language.
//!
//! **Format.** 52 letters or digits, the mark `JQQJ9`, `9`, `D` or `H`, a year, a month from `A` to
//! `L`, 16 letters or digits, four for the service, of which the first is a letter, and four for
//! the checksum; for some six and `==`. No ASCII letter, digit or `_` may touch it, but an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first 52 characters look random: enough entropy, no long run, no word that
//! marks a placeholder. Those of Azure DevOps, `AZDO`, are left to the detector of these.
//!
//! **Source.** Microsoft Security Utilities, common annotated security keys.
//!
//! **Confidence.** High: the mark stands at its place by chance in one of a billion.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::is_end_of_token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_annotated_key",
    name: "Azure annotated key",
    summary: "Keys of Azure AI and other services, by the mark that Microsoft puts into keys",
    category: Category::Credentials,
    keywords: &["azure", "cognitive", "key", "openai"],
    pattern: alone!(
        "[0-9A-Za-z]{52}JQQJ9[9DH][0-9A-Za-z][A-L][0-9A-Za-z]{16}[A-Za-z][0-9A-Za-z]{7}",
        "(?:[0-9A-Za-z]{2}==)?"
    ),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "AZURE_OPENAI_API_KEY=jtNayviHzm5YdOnCqIz0Wiw8SE7diV3TMXVjM8AhghjsllAj7n4JJQQJ99BLACfhMk5XJ3w3AAABACOGuXFZ",
            &[
                "jtNayviHzm5YdOnCqIz0Wiw8SE7diV3TMXVjM8AhghjsllAj7n4JJQQJ99BLACfhMk5XJ3w3AAABACOGuXFZ",
            ],
        ),
        example(
            r#"{"key":"o2qh20xlReGsaL1dvnyzv0ZzyA0xIfl4c7xU2zXCot2PoPUtg3SUJQQJ99BGACYeBjFXJ3w3AAAEACOGunWZ"}"#,
            &[
                "o2qh20xlReGsaL1dvnyzv0ZzyA0xIfl4c7xU2zXCot2PoPUtg3SUJQQJ99BGACYeBjFXJ3w3AAAEACOGunWZ",
            ],
        ),
        example(
            "no mark jtNayviHzm5YdOnCqIz0Wiw8SE7diV3TMXVjM8AhghjsllAj7n4JJQQK99BLACfhMk5XJ3w3AAABACOGuXFZ",
            &[],
        ),
        example(
            "cut short jtNayviHzm5YdOnCqIz0Wiw8SE7diV3TMXVjM8AhghjsllAj7n4JJQQJ99BLACfhMk5XJ3",
            &[],
        ),
        example(
            "of another detector jtNayviHzm5YdOnCqIz0Wiw8SE7diV3TMXVjM8AhghjsllAj7n4JJQQJ99BLACfhMk5XJ3w3AAABAZDOuXFZ",
            &[],
        ),
    ],
};

/// Characters that are drawn.
const DRAWN: usize = 52;
/// Where the letters of the service are.
const SERVICE: std::ops::Range<usize> = 76..80;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let key = sample.matched.get(lead..)?;
    let is_own = key.get(SERVICE)? != b"AZDO";
    let judgement = Judgement { confidence: Confidence::High, lead, trail: 0 };
    (is_own && is_random(key.get(..DRAWN)?)).then_some(judgement)
}
