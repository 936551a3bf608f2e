//! `jp_postal_address`: postal addresses of Japan.
//!
//! **Format.** `〒`, three digits, a dash and four, and a prefecture at most two characters later.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Japan Post, postal codes.
//!
//! **Confidence.** High: mark, code and prefecture together have no other purpose.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jp_postal_address",
    name: "Japanese postal address",
    summary: "Postal addresses of Japan, by mark, postal code and prefecture",
    category: Category::Personal,
    keywords: &["住所", "郵便番号"],
    pattern: r"〒 ?[0-9]{3}-[0-9]{4}(?: |　|\r?\n)?(?:東京都|北海道|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)",
    match_bytes_max: 64,
    validators: &[],
    test: Test::Pattern(Confidence::High),
    examples: &[
        example("住所: 〒100-8111 東京都千代田区", &["〒100-8111 東京都"]),
        example("〒530-0001大阪府", &["〒530-0001大阪府"]),
        example("〒100-8111", &[]),
        example("100-8111 東京都", &[]),
    ],
};
