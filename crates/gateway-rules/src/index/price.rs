//! What an index costs to ask, in nanoseconds: as measured on one machine, which is near enough to
//! choose by, and the same everywhere.

use super::access::Key;
use crate::subject::Subject;

/// To ask an index at all, and to go through the tiers with what it has found.
pub(super) const FIND_PRICE: u32 = 80;

/// So many elements stand for those of an array.
const ELEMENTS: u32 = 3;

/// To look at one place for any of these.
pub(super) fn look_price<'k>(subject: &Subject, keys: impl Iterator<Item = &'k Key>) -> u32 {
    let (mut has_texts, mut has_literals, mut has_folded, mut lists) = (false, false, false, 0_u32);
    for key in keys {
        match key {
            Key::Equal(_) => has_texts = true,
            Key::Folded(_) => has_folded = true,
            Key::Holds(_) => has_literals = true,
            Key::Listed(_) => lists = lists.saturating_add(1),
            Key::Address(..) | Key::Number(..) | Key::True => {}
        }
    }
    let mut price = 4_u32;
    for (is_there, own) in [(has_texts, 8), (has_folded, 12), (has_literals, 40)] {
        price += if is_there { own } else { 0 };
    }
    price = price.saturating_add(lists.saturating_mul(60));
    if !subject.each().is_empty() && !subject.is_bare() {
        price = price.saturating_mul(ELEMENTS);
    }
    let made = if let Subject::Call(..) = subject { 30 } else { 0 };
    price.saturating_add(made)
}
