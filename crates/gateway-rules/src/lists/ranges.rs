//! Ranges of ordered values: united, searched and taken from each other.

/// The ranges in ascending order, those that overlap or touch made one; `next` gives the value
/// behind one, if there is one.
pub(super) fn united<T: Ord + Copy>(
    mut ranges: Vec<(T, T)>,
    next: impl Fn(T) -> Option<T>,
) -> Vec<(T, T)> {
    ranges.sort_unstable();
    ranges.dedup_by(|(first, last), (_, end)| {
        let is_one = *first <= *end || next(*end) == Some(*first);
        if is_one {
            *end = (*last).max(*end);
        }
        is_one
    });
    ranges
}

/// What is left of ranges without others; both are united.
pub(super) fn without<T: Ord + Copy>(
    ranges: Vec<(T, T)>,
    removed: &[(T, T)],
    before: impl Fn(T) -> Option<T>,
    next: impl Fn(T) -> Option<T>,
) -> Vec<(T, T)> {
    if removed.is_empty() {
        return ranges;
    }
    let mut left = Vec::with_capacity(ranges.len() + removed.len());
    for (first, last) in ranges {
        let mut first = Some(first);
        let from = removed.partition_point(|(_, end)| Some(*end) < first);
        for (hole, end) in removed.iter().skip(from).take_while(|(hole, _)| *hole <= last) {
            let Some(start) = first else { break };
            if let Some(stop) = before(*hole).filter(|stop| *stop >= start) {
                left.push((start, stop));
            }
            first = next(*end).filter(|start| *start <= last);
        }
        if let Some(first) = first {
            left.push((first, last));
        }
    }
    left
}

/// Whether one of united ranges holds the value.
#[inline]
pub(super) fn within<T: Ord + Copy>(ranges: &[(T, T)], value: T) -> bool {
    let behind = ranges.partition_point(|(first, _)| *first <= value);
    behind.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| value <= *last)
}
