//! Room for a few things that is there at once, and for more of them on the heap: what a small chunk
//! brings then needs no allocation. It is not kept from chunk to chunk, as there are many streams
//! that wait.

/// Things in a row.
pub(crate) struct Few<T, const N: usize> {
    /// All of them, as long as they are few.
    few: [T; N],
    /// How many these are.
    len: usize,
    /// All of them, once they are more.
    many: Vec<T>,
}

impl<T: Copy + Default, const N: usize> Few<T, N> {
    /// Room for about so many.
    pub(crate) fn new(expected: usize) -> Self {
        let many = if expected > N { Vec::with_capacity(expected) } else { Vec::new() };
        Self { few: [T::default(); N], len: 0, many }
    }

    #[inline]
    pub(crate) fn push(&mut self, one: T) {
        match self.few.get_mut(self.len) {
            Some(slot) => {
                *slot = one;
                self.len += 1;
            }
            None => {
                if self.many.is_empty() {
                    self.spill();
                }
                self.many.push(one);
            }
        }
    }

    /// Makes the few the first of many.
    #[cold]
    fn spill(&mut self) {
        self.many.extend_from_slice(&self.few);
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        if self.many.is_empty() { self.few.get(..self.len).unwrap_or_default() } else { &self.many }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        if self.many.is_empty() {
            self.few.get_mut(..self.len).unwrap_or_default()
        } else {
            &mut self.many
        }
    }

    /// Leaves one of those that are the same and stand in a row.
    pub(crate) fn dedup(&mut self)
    where
        T: PartialEq,
    {
        if !self.many.is_empty() {
            return self.many.dedup();
        }
        let mut kept = 0;
        for at in 0..self.len {
            let Some(one) = self.few.get(at).copied() else { continue };
            let last = usize::checked_sub(kept, 1).and_then(|last| self.few.get(last));
            if last != Some(&one) {
                self.few[kept] = one;
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Leaves those that `keeps`, in their order.
    pub(crate) fn retain(&mut self, keeps: impl Fn(&T) -> bool) {
        if !self.many.is_empty() {
            self.many.retain(keeps);
            // Those that were few are not to come up again.
            self.len = if self.many.is_empty() { 0 } else { self.len };
            return;
        }
        let mut kept = 0;
        for at in 0..self.len {
            let Some(one) = self.few.get(at).copied().filter(&keeps) else { continue };
            self.few[kept] = one;
            kept += 1;
        }
        self.len = kept;
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.many.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_and_many_stay_in_their_order() {
        for count in [0, 1, 3, 4, 5, 20] {
            for expected in [0, 4, 9] {
                let mut room = Few::<u32, 4>::new(expected);
                for _ in 0..2 {
                    room.clear();
                    (0..count).for_each(|one| room.push(one));
                    let expected: Vec<u32> = (0..count).collect();
                    assert_eq!(room.as_slice(), expected);
                    assert_eq!(room.as_mut_slice(), expected);
                    room.retain(|one| *one != 1);
                    assert!(room.as_slice().iter().copied().eq((0..count).filter(|one| *one != 1)));
                    room.retain(|_| false);
                    assert!(room.as_slice().is_empty());
                    (0..count).for_each(|one| room.push(one));
                    room.as_mut_slice().iter_mut().for_each(|one| *one /= 2);
                    room.dedup();
                    let expected: Vec<u32> = (0..count.div_ceil(2)).collect();
                    assert_eq!(room.as_slice(), expected);
                }
            }
        }
    }
}
