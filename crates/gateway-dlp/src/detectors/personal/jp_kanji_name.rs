//! `jp_kanji_name`: names of persons in kanji.
//!
//! **Format.** One of some 540 family names in kanji, for some a space, and a given name: one to three
//! kanji that given names are written with. Where a word such as `氏名` stands before it, at most 48
//! bytes before on the same line, or one such as `様` behind it, which is not found itself, other kanji,
//! hiragana and katakana may be a given name as well. No other kanji may touch it.
//!
//! **Validator.** None. Kanji of places, posts and companies (`県`, `駅`, `長`, `社`) are no given names,
//! nor are a few words (`総理`). Family names of one kanji need a space or a word that tells.
//!
//! **Source.** Common knowledge.
//!
//! **Confidence.** Low: names stand in any text. Medium with one of the words that tell, high with one
//! before and one behind it.

use std::str;

use gateway_inspect::Confidence;

use super::kanji_family_names::with_family_names;
use super::kanji_given_names::{is_like_given_name, may_be_given_name};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test, is_named};

/// Defines the list, and the pattern with all of its names.
macro_rules! define {
    ($first:literal $(, $name:literal)* $(,)?) => {
        const FAMILIES: &[&str] = &[$first $(, $name)*];

        const PATTERN: &str = concat!(
            "(?:", $first $(, "|", $name)*, ")(?: |　)?",
            "(?:(?u:[一-龠々]){1,5}|(?u:[ぁ-ん]){2,6}|(?u:[ァ-ヴー]){2,8})",
            "(?:くん|さま|さん|ちゃん|、|。|」|）|　|，|・)?",
            r"\b{end-half}",
        );
    };
}

with_family_names!(define);

/// What says that a name follows.
const NAMES: &[&str] = &[
    "お名前",
    "受取人",
    "名前",
    "名義",
    "契約者",
    "姓名",
    "宛名",
    "患者",
    "担当",
    "担当者",
    "氏名",
    "申請者",
    "申込者",
    "顧客",
];

/// What is said behind a name.
const HONORIFICS: &[&str] = &["くん", "さま", "さん", "ちゃん", "先生", "君", "様", "殿", "氏"];

/// What may end a name in hiragana or katakana.
const ENDS: &[char] = &['、', '。', '」', '）', '　', '，', '・'];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jp_kanji_name",
    name: "Japanese name in kanji",
    summary: "Names of persons in kanji, by some 540 family names and a given name",
    category: Category::Personal,
    keywords: NAMES,
    pattern: PATTERN,
    match_bytes_max: 64,
    validators: &[],
    test: Test::Near(judge),
    examples: &[
        example("氏名：山田太郎", &["山田太郎"]),
        example("佐藤　花子様、佐々木奈々さん", &["佐藤　花子", "佐々木奈々"]),
        example("担当者: 林 さくら。", &["林 さくら"]),
        example("昨日、高橋健一は東京に来た", &["高橋健一"]),
        example("患者名 鈴木イチロー", &["鈴木イチロー"]),
        example("山口県、福島市、石川県、千葉、宮崎の長野大学", &[]),
        example("氏名: 田中部長、佐藤さん、鈴木様", &[]),
        example("中村工業と森林と原因、岸田総理", &[]),
        example("山田太郎丸商店、大山田太郎", &[]),
        example("田中 について", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if is_kanji_last(sample.before) {
        return None;
    }
    let text = str::from_utf8(sample.matched).ok()?;
    let name = text.strip_suffix(ENDS).unwrap_or(text);
    let honorific = HONORIFICS.iter().find(|honorific| name.ends_with(**honorific));
    let is_led = is_named(sample.before, NAMES);
    let follows = if name.len() < text.len() { None } else { sample.after };
    let honoured = honorific.and_then(|honorific| {
        let name = name.strip_suffix(honorific)?;
        let told = Told { is_led, is_honoured: true, follows };
        told.weigh(name).map(|confidence| (name, confidence))
    });
    let plain = || {
        let told = Told { is_led, is_honoured: false, follows };
        told.weigh(name).map(|confidence| (name, confidence))
    };
    let (name, confidence) = honoured.or_else(plain)?;
    Some(Judgement { confidence, lead: 0, trail: text.len() - name.len() })
}

/// Whether these bytes end with a kanji.
fn is_kanji_last(before: &[u8]) -> bool {
    matches!(before, [.., 0xE4..=0xE9, 0x80..=0xBF, 0x80..=0xBF] | [.., 0xE3, 0x80, 0x85])
}

/// What tells of a name.
struct Told {
    /// A word before it.
    is_led: bool,
    /// A word behind it.
    is_honoured: bool,
    /// The byte behind all that.
    follows: Option<u8>,
}

impl Told {
    /// How sure a name is; `None` if it is none.
    fn weigh(&self, name: &str) -> Option<Confidence> {
        let mut splits = name.char_indices().map(|(at, _)| at).skip(1).take(3);
        let is_name = splits.any(|at| {
            let (family, given) = name.split_at_checked(at).unwrap_or_default();
            FAMILIES.binary_search(&family).is_ok() && self.is_given(family, given)
        });
        let confidence = match (self.is_led, self.is_honoured) {
            (true, true) => Confidence::High,
            (true, false) | (false, true) => Confidence::Medium,
            (false, false) => Confidence::Low,
        };
        is_name.then_some(confidence)
    }

    /// Whether this is what stands behind the family name.
    fn is_given(&self, family: &str, rest: &str) -> bool {
        let given = rest.strip_prefix([' ', '　']).unwrap_or(rest);
        let is_spaced = given.len() < rest.len();
        let is_told = self.is_led || self.is_honoured;
        if HONORIFICS.iter().any(|honorific| given.starts_with(honorific)) {
            return false;
        }
        let goes_on = |bytes: std::ops::RangeInclusive<u8>| {
            !self.is_honoured && self.follows.is_some_and(|byte| bytes.contains(&byte))
        };
        if given.starts_with(|one: char| ('ぁ'..='ー').contains(&one)) {
            return is_told && !goes_on(0xE3..=0xE9);
        }
        let is_short = family.chars().count() == 1;
        let is_like = is_like_given_name(given);
        let is_enough = if is_short {
            is_like && (is_spaced || is_told)
        } else {
            is_like || (is_told && may_be_given_name(given))
        };
        is_enough && !goes_on(0xE4..=0xE9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_names_are_in_order() {
        assert!(FAMILIES.is_sorted_by(|one, other| one < other));
    }
}
