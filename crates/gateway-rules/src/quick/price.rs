//! What a condition costs to try where it does not hold, in nanoseconds: as measured on one machine,
//! which is near enough to choose by, and the same everywhere.

use super::Quick;
use crate::check::Check;
use crate::subject::Subject;

/// So many elements stand for those of an array.
const ELEMENTS: u32 = 3;
/// A regular expression: a few steps where no literal of it is there, some for each byte else.
const MATCHES: u32 = 60;
/// To make a value with a function.
const CALL: u32 = 40;

impl Quick {
    /// About how many nanoseconds an answer takes.
    pub(crate) fn price(&self) -> u32 {
        let sum = |items: &[Self]| items.iter().map(Self::price).fold(0, u32::saturating_add);
        match self {
            Self::Constant(_) => 1,
            Self::True(_) | Self::Scalar(_) | Self::Bytes(..) => 2,
            Self::Ints(..) | Self::Among(..) => 4,
            Self::Addresses(..) => 5,
            Self::Contains(..) => 8,
            Self::Wildcard(..) => 10,
            Self::Matches(..) => MATCHES,
            Self::Check(_, check) => of_check(check),
            Self::Test(tested) => match &tested.subject {
                Subject::Place(_) => 6 + of_check(&tested.check),
                Subject::Call(..) => CALL + of_check(&tested.check),
            },
            Self::Compare(_) => 10,
            Self::Elements(elements) => match &elements.subject {
                Subject::Place(_) => 4 + ELEMENTS,
                Subject::Call(..) => CALL + ELEMENTS * 2,
            },
            Self::Not(item) => item.price(),
            // Mostly it ends early.
            Self::And(scalars, items) => {
                let scalars = u32::try_from(scalars.len()).unwrap_or(u32::MAX).min(4);
                let others = if scalars == 0 { sum(items) } else { sum(items) / 2 };
                others.saturating_add(2 + scalars)
            }
            Self::Or(items) | Self::Xor(items) => sum(items),
            // The whole program is walked.
            Self::Open => 40,
        }
    }
}

fn of_check(check: &Check) -> u32 {
    match check {
        Check::IsTrue | Check::Bool(..) | Check::Int(..) | Check::Ip(..) | Check::Mask(_) => 2,
        Check::Bytes(..) | Check::InInts(_) | Check::InBytes(_) => 4,
        Check::InAddresses(_) | Check::Folded(..) => 5,
        Check::Contains(_) => 8,
        Check::Wildcard(_) => 10,
        Check::Matches(_) => MATCHES,
        Check::InList(_) => 60,
    }
}
