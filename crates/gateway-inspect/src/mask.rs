//! How much of a match is shown to people: all of it, some of it, its form alone. What is masked
//! is text that was found, not text in general, and nothing here looks for it.

/// How much of a match is shown. The stricter one is the greater one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mask {
    /// All of it.
    Clear,
    /// At most a quarter of its letters and digits, and at most four. Of what is digits for the
    /// most part, as numbers of cards and accounts are, they are the last ones; of an e-mail
    /// address the first one, and the last label of its domain besides; of anything else, as keys
    /// are, the first ones.
    Partial,
    /// Its length, and what parts its letters and digits: `****-**` of `ab12-cd`. The default.
    #[default]
    Full,
}

/// Letters and digits that [`Mask::Partial`] shows at the most.
const SHOWN_MAX: usize = 4;

/// What takes the place of a character.
const STAR: char = '*';

impl Mask {
    /// `text` as people see it: as many characters as it has.
    ///
    /// ```
    /// use gateway_inspect::Mask;
    /// assert_eq!(Mask::Full.show("4111-1111-1111-1234"), "****-****-****-****");
    /// assert_eq!(Mask::Partial.show("4111-1111-1111-1234"), "****-****-****-1234");
    /// assert_eq!(Mask::Partial.show("ada@example.org"), "a**@*******.org");
    /// assert_eq!(Mask::Partial.show("ghp_0123456789abcdefABCD"), "ghp_0*******************");
    /// ```
    #[must_use]
    pub fn show(self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let shows = self.shows(&chars);
        chars.iter().zip(shows).map(|(c, shown)| if shown { *c } else { STAR }).collect()
    }

    /// Which of these characters of a match are shown.
    pub(crate) fn shows(self, chars: &[char]) -> Vec<bool> {
        match self {
            Self::Clear => vec![true; chars.len()],
            Self::Full => chars.iter().map(|c| is_separator(*c)).collect(),
            Self::Partial => partly(chars),
        }
    }
}

/// What parts groups of letters and digits, and tells nothing of them.
const fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '-' | '.' | '/' | '_' | ':' | ',' | '@')
}

fn partly(chars: &[char]) -> Vec<bool> {
    let mut shows: Vec<bool> = chars.iter().map(|c| is_separator(*c)).collect();
    let hidden = || chars.iter().enumerate().filter(|(_, c)| !is_separator(**c));
    let count = hidden().count();
    let shown = (count / 4).min(SHOWN_MAX);
    let digits = hidden().filter(|(_, c)| c.is_ascii_digit()).count();
    let label = last_label(chars);
    for (number, (at, _)) in hidden().enumerate() {
        let is_shown = match label {
            Some(label) => number == 0 || at >= label,
            None if digits * 2 >= count => number >= count - shown,
            None => number < shown,
        };
        if let Some(shows) = shows.get_mut(at) {
            *shows |= is_shown;
        }
    }
    shows
}

/// Where the last label of the domain begins, if this is an e-mail address.
fn last_label(chars: &[char]) -> Option<usize> {
    let at = chars.iter().position(|c| *c == '@')?;
    let dot = chars.iter().rposition(|c| *c == '.').filter(|dot| *dot > at + 1)?;
    let (local, domain) = (chars.get(..at)?, chars.get(at + 1..)?);
    let label = chars.get(dot + 1..)?;
    let is_local = |c: &char| c.is_ascii_alphanumeric() || "._%+-".contains(*c);
    let is_domain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_address = local.len() > 1
        && local.iter().all(is_local)
        && domain.iter().all(is_domain)
        && (2..=SHOWN_MAX).contains(&label.len())
        && label.iter().all(char::is_ascii_alphabetic);
    is_address.then_some(dot + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_masks_show() {
        for (text, full, partial) in [
            ("4111111111111234", "****************", "************1234"),
            ("536-22-1234", "***-**-****", "***-**-**34"),
            ("DE89 3704 0044", "**** **** ****", "**** **** *044"),
            ("AKIAIOSFODNN7EXAMPLE", "********************", "AKIA****************"),
            ("ada.l@example.org", "***.*@*******.***", "a**.*@*******.org"),
            ("a@b.example", "*@*.*******", "a@b.*******"),
            ("geheim", "******", "g*****"),
            ("abc", "***", "***"),
            ("1", "*", "*"),
            ("", "", ""),
            ("Müller-Lüdenscheidt", "******-************", "Müll**-************"),
            ("p@ss!word9999999", "*@**************", "p@ss************"),
        ] {
            assert_eq!(Mask::Full.show(text), full);
            assert_eq!(Mask::Partial.show(text), partial);
            assert_eq!(Mask::Clear.show(text), text);
        }
        assert!(Mask::Full > Mask::Partial && Mask::Partial > Mask::Clear);
    }

    proptest::proptest! {
        #[test]
        fn at_most_a_quarter_of_what_is_no_address_is_shown(text in "[a-zA-Z0-9 !#-]{0,40}") {
            let shown = |mask: Mask| {
                mask.show(&text).chars().filter(|c| *c != STAR && !is_separator(*c)).count()
            };
            let all = text.chars().filter(|c| !is_separator(*c)).count();
            proptest::prop_assert_eq!(shown(Mask::Full), 0);
            proptest::prop_assert!(shown(Mask::Partial) * 4 <= all);
            proptest::prop_assert_eq!(Mask::Full.show(&text).len(), text.len());
        }
    }
}
