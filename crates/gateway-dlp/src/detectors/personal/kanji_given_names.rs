//! What given names in kanji are written with: the lists alone, for `jp_kanji_name`.

/// Kanji of names of two and three.
const TOGETHER: &str = concat!(
    "一七万三世乃久之乙也亀二五亜享京亮人仁介代伊伯伸佑佳依俊保信修倫健優元充光克八六",
    "典凌凛凜凪利剛剣創功加助勇勝勢勲匠匡千卓南博厳友史司吉和咲哉哲啓善喜嘉四在圭基士",
    "壮夏夕大天太夫奈奏好子孔孝孫安宏宗宙定実富寛寿将尚岳峻崇嵩嶺巧帆希平幸幹広庵康廉",
    "建弘弥彩彰律徳徹心志怜恋恭恵悟悠愛慎慶憲成拓摂政敏敬文斗新早昇昊昌明星映春昭晃晄",
    "晋晴智暁月有朋朗朝未朱杏松柊柚栄桂桃桐桜梅梨椿楓楠樹次正武歩毅水永江沙治泉波洋洸",
    "浩海涼淳清渚湊湖源準滉滋潤熊燕爽猛玄玲理琉琢琴瑛瑞瑠璃生由男留百直真瞬知碧礼祐祥",
    "禎福穂空立竜章竹節篤紀純紗紘結絢絵綾総繁織羊美義羽翔耕聖聡育航良芙花芳芽英茂茜莉",
    "菜華萌葉葵蒼蓮蔵薫藍虎行衣裕規詠誉誓誠諒謙豪貞貴賢輔輝辰造連進達遥遼那郁郎都里鈴",
    "鉄阿陽隆隼雄雅雛雪青静音響順顕風颯香馬駒駿高鳩鶴鷹鹿麗龍",
);

/// Kanji that are names by themselves.
const ALONE: &str = concat!(
    "亮仁修健優充光凛剛勇勝博司哲実幸幹弘徹忍恭恵悟悠愛昇明昭晃望梓楓樹正武毅治浩淳清",
    "渚湊潤猛瞳稔章純翔翼聡舞茂茜葵蓮薫誠豊進遥陸陽隆馨",
);

/// Words of the same kanji that are no names.
const WORDS: &[&str] = &[
    "一世", "三世", "世代", "世紀", "二世", "光栄", "大和", "大将", "天文", "太陽", "平和", "政治",
    "明星", "明治", "昭和", "月光", "有利", "正直", "水星", "海水", "清流", "生活", "由来", "真実",
    "総理", "良好", "行政",
];

/// Kanji of places, posts, companies and rooms: what holds one is no given name.
const NEVER: &str = concat!(
    "事会住係信務区医協博原号員営団園士大学宅室宮家寺届局山岳島川州市師庁府店庫式役所手打投授教方株校業橋",
    "機殿民氏江沢法派浜港点物班町相監県督社神秘空線総署者職臣自君課警議護販費路軍通道選部郡郵都銀長門院館駅",
    "様村電城鉄省約産製究術",
);

/// Whether these kanji look like a given name.
pub(super) fn is_like_given_name(kanji: &str) -> bool {
    match kanji.chars().count() {
        1 => kanji.chars().all(|one| ALONE.contains(one)),
        2 | 3 => {
            let all = kanji.chars().all(|one| one == '々' || TOGETHER.contains(one));
            all && !WORDS.contains(&kanji)
        }
        _ => false,
    }
}

/// Whether these kanji may be a given name, where something says that they are.
pub(super) fn may_be_given_name(kanji: &str) -> bool {
    let is_short = (1..=3).contains(&kanji.chars().count());
    is_short && !WORDS.contains(&kanji) && !kanji.chars().any(|one| NEVER.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kanji_are_in_order() {
        for list in [TOGETHER, ALONE] {
            let kanji: Vec<char> = list.chars().collect();
            assert!(kanji.is_sorted_by(|one, other| one < other), "{list}");
        }
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn names_and_words_are_told_apart() {
        for name in ["太郎", "花子", "誠", "奈々", "健一郎"] {
            assert!(is_like_given_name(name), "{name}");
        }
        for word in ["県", "部長", "総理", "大学", "工業", "太", "太郎太郎"] {
            assert!(!is_like_given_name(word), "{word}");
        }
        assert!(may_be_given_name("鴎外") && !may_be_given_name("部長"));
    }
}
