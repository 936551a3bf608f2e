//! Addresses in a list: ranges, those that overlap or touch made one.

use std::net::IpAddr;

use super::ranges::{united, within, without};

/// Ranges of IPv4 from which on they are found by their upper half first.
const HALVED_FROM: usize = 4096;

/// A set of addresses of both families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Networks {
    v4: V4,
    v6: Box<[(u128, u128)]>,
}

/// Addresses of IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
enum V4 {
    Few(Box<[(u32, u32)]>),
    Many(Halves),
}

/// Ranges by the upper half of their addresses: four bytes each, and a quarter of a mebibyte.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Halves {
    /// Where the ranges of each upper half begin, and behind the last one where they end.
    begins: Box<[u32]>,
    /// First and last lower half, ascending within an upper one.
    ranges: Box<[(u16, u16)]>,
}

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    V4(u32, u32),
    V6(u128, u128),
}

impl Range {
    /// Both ends are of one family and in order.
    pub(super) fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => Some(Self::V4(first.into(), last.into())),
            (IpAddr::V6(first), IpAddr::V6(last)) => Some(Self::V6(first.into(), last.into())),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
        }
    }

    /// A network; `None` where the prefix is too long or host bits are set.
    pub(super) fn network(address: IpAddr, prefix: u8) -> Option<Self> {
        match address {
            IpAddr::V4(first) => {
                let (first, host) = (u32::from(first), u32::MAX.checked_shr(prefix.into()));
                let host = if prefix == 32 { 0 } else { host? };
                (first & host == 0).then_some(Self::V4(first, first | host))
            }
            IpAddr::V6(first) => {
                let (first, host) = (u128::from(first), u128::MAX.checked_shr(prefix.into()));
                let host = if prefix == 128 { 0 } else { host? };
                (first & host == 0).then_some(Self::V6(first, first | host))
            }
        }
    }
}

impl Networks {
    pub(super) fn new(v4: Vec<(u32, u32)>, v6: Vec<(u128, u128)>) -> Self {
        let v4 = united(v4, |value| value.checked_add(1));
        let v6 = united(v6, |value| value.checked_add(1)).into();
        let v4 = if v4.len() < HALVED_FROM { V4::Few(v4.into()) } else { V4::Many(halved(&v4)) };
        Self { v4, v6 }
    }

    #[inline]
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => match &self.v4 {
                V4::Few(ranges) => within(ranges, address.into()),
                V4::Many(halves) => halves.holds(address.into()),
            },
            IpAddr::V6(address) => within(&self.v6, address.into()),
        }
    }

    /// How many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.v6.len()
            + match &self.v4 {
                V4::Few(ranges) => ranges.len(),
                V4::Many(halves) => halves.whole().len(),
            }
    }

    /// The set with the addresses of other ranges, and then without those of `removed`, whichever
    /// range they came with.
    pub(super) fn changed(&self, added: &[Range], removed: &[Range]) -> Self {
        let mut v4 = match &self.v4 {
            V4::Few(ranges) => ranges.to_vec(),
            V4::Many(halves) => halves.whole(),
        };
        let mut v6 = self.v6.to_vec();
        for range in added {
            match *range {
                Range::V4(first, last) => v4.push((first, last)),
                Range::V6(first, last) => v6.push((first, last)),
            }
        }
        let (mut without4, mut without6) = (Vec::new(), Vec::new());
        for range in removed {
            match *range {
                Range::V4(first, last) => without4.push((first, last)),
                Range::V6(first, last) => without6.push((first, last)),
            }
        }
        let (next4, next6) = (|v: u32| v.checked_add(1), |v: u128| v.checked_add(1));
        let v4 = without(united(v4, next4), &united(without4, next4), |v| v.checked_sub(1), next4);
        let v6 = without(united(v6, next6), &united(without6, next6), |v| v.checked_sub(1), next6);
        Self::new(v4, v6)
    }
}

impl Halves {
    #[inline]
    fn holds(&self, address: u32) -> bool {
        let upper = (address >> 16) as usize;
        let lower = (address & 0xFFFF) as u16;
        let Some([begin, end]) = self.begins.get(upper..upper + 2) else { return false };
        let ranges = self.ranges.get(*begin as usize..*end as usize).unwrap_or_default();
        let behind = ranges.partition_point(|(first, _)| *first <= lower);
        let range = behind.checked_sub(1).and_then(|at| ranges.get(at));
        range.is_some_and(|(_, last)| lower <= *last)
    }

    /// The ranges as they were before they were cut.
    fn whole(&self) -> Vec<(u32, u32)> {
        let mut whole = Vec::with_capacity(self.ranges.len());
        for (upper, bounds) in (0_u32..).zip(self.begins.windows(2)) {
            let [begin, end] = bounds else { continue };
            let ranges = self.ranges.get(*begin as usize..*end as usize).unwrap_or_default();
            for (first, last) in ranges {
                whole.push((upper << 16 | u32::from(*first), upper << 16 | u32::from(*last)));
            }
        }
        united(whole, |value| value.checked_add(1))
    }
}

/// Cuts disjoint ascending ranges at the upper halves of addresses.
fn halved(whole: &[(u32, u32)]) -> Halves {
    let mut begins = Vec::with_capacity((1 << 16) + 1);
    let mut ranges = Vec::with_capacity(whole.len() + whole.len() / 64);
    let mut next = 0;
    for upper in 0..1_u32 << 16 {
        begins.push(u32::try_from(ranges.len()).unwrap_or(u32::MAX));
        let (least, greatest) = (upper << 16, upper << 16 | 0xFFFF);
        while let Some((first, last)) = whole.get(next).filter(|(first, _)| *first <= greatest) {
            let (first, end) = ((*first).max(least), (*last).min(greatest));
            ranges.push(((first & 0xFFFF) as u16, (end & 0xFFFF) as u16));
            if *last > greatest {
                // It goes on in the next half.
                break;
            }
            next += 1;
        }
    }
    begins.push(u32::try_from(ranges.len()).unwrap_or(u32::MAX));
    Halves { begins: begins.into(), ranges: ranges.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn naive(ranges: &[(u32, u32)], value: u32) -> bool {
        ranges.iter().any(|(first, last)| (*first..=*last).contains(&value))
    }

    /// Ranges that begin and end near the same few values.
    fn ranges() -> impl Strategy<Value = Vec<(u32, u32)>> {
        let near = prop::sample::select(vec![0_u32, 0xFFFF, 0x1_0000, 0x3_0000, u32::MAX]);
        let value = (near, -3_i64..4).prop_map(|(near, by)| near.saturating_add_signed(by as i32));
        let range = (value.clone(), value).prop_map(|(a, b)| (a.min(b), a.max(b)));
        prop::collection::vec(range, 0..6)
    }

    const NEAR: [u32; 5] = [0, 0xFFFF, 0x1_0000, 0x3_0000, u32::MAX];

    fn asked() -> BTreeSet<u32> {
        let around = |near: u32| (-5..6).map(move |by| near.saturating_add_signed(by));
        NEAR.into_iter().flat_map(around).collect()
    }

    proptest! {
        #[test]
        fn both_forms_hold_what_the_ranges_do(ranges in ranges()) {
            let whole = united(ranges.clone(), |value| value.checked_add(1));
            let halves = halved(&whole);
            prop_assert_eq!(&halves.whole(), &whole);
            for value in asked() {
                prop_assert_eq!(within(&whole, value), naive(&ranges, value));
                prop_assert_eq!(halves.holds(value), naive(&ranges, value), "{:x}", value);
            }
        }

        #[test]
        fn changes_add_and_take_away(before in ranges(), added in ranges(), removed in ranges()) {
            let of = |ranges: &[(u32, u32)]| -> Vec<Range> {
                ranges.iter().map(|(first, last)| Range::V4(*first, *last)).collect()
            };
            let set = Networks::new(before.clone(), Vec::new());
            let changed = set.changed(&of(&added), &of(&removed));
            for value in asked() {
                let expected = (naive(&before, value) || naive(&added, value))
                    && !naive(&removed, value);
                prop_assert_eq!(changed.holds(IpAddr::V4(value.into())), expected, "{:x}", value);
            }
        }
    }

    #[test]
    fn networks_are_cut_exactly() {
        for (address, prefix, expected) in [
            ("10.0.0.0", 8, Some(Range::V4(0x0A00_0000, 0x0AFF_FFFF))),
            ("0.0.0.0", 0, Some(Range::V4(0, u32::MAX))),
            ("1.2.3.4", 32, Some(Range::V4(0x0102_0304, 0x0102_0304))),
            ("10.0.0.1", 8, None),
            ("10.0.0.0", 33, None),
            ("::", 0, Some(Range::V6(0, u128::MAX))),
            ("::1", 128, Some(Range::V6(1, 1))),
            ("::1", 127, None),
            ("::", 129, None),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(Range::network(address, prefix), expected, "{address}/{prefix}");
        }
    }

    #[test]
    fn the_families_stand_apart_and_many_are_halved() {
        let v4 = (0..10_000).map(|n| (n * 3_000, n * 3_000 + 1)).collect();
        let set = Networks::new(v4, vec![(5, 9), (10, 12), (20, 20)]);
        assert_eq!(set.len(), 10_002);
        assert!(matches!(set.v4, V4::Many(_)));
        for n in 0..10_000_u32 {
            let holds = |value: u32| set.holds(IpAddr::V4(value.into()));
            assert!(holds(n * 3_000) && holds(n * 3_000 + 1) && !holds(n * 3_000 + 2));
        }
        let v6 = |value: u128| set.holds(IpAddr::V6(value.into()));
        assert!(v6(5) && v6(12) && v6(20) && !v6(13) && !v6(21) && !v6(4));
    }
}
