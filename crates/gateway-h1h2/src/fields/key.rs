//! Six bits of a field name, and sets of them as one word: what is not in a head is found to be
//! absent without looking at its names. Different names can have the same key.

/// Six bits that a name has in any case of its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u8);

/// Keys of names, each at most once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys(u64);

impl Key {
    /// The key of this name. The factor keeps the names that a codec asks for apart from those
    /// that most heads have.
    pub(crate) const fn of(name: &[u8]) -> Self {
        match (name, name) {
            ([first, ..], [.., last]) => Self::mixed(*first, *last, name.len()),
            _ => Self(0),
        }
    }

    const fn mixed(first: u8, last: u8, bytes: usize) -> Self {
        // One bit is all that the cases of a letter differ in.
        let ends = (first | 0x20).wrapping_add(last | 0x20);
        Self(ends.wrapping_mul(41).wrapping_add(bytes as u8) & 63)
    }
}

impl Keys {
    /// No key.
    pub(crate) const fn none() -> Self {
        Self(0)
    }

    /// Every key.
    pub(crate) const fn all() -> Self {
        Self(u64::MAX)
    }

    /// The keys of these names.
    pub(crate) const fn of(names: &[&str]) -> Self {
        let (mut keys, mut index) = (Self::none(), 0);
        while index < names.len() {
            keys.insert(Key::of(names[index].as_bytes()));
            index += 1;
        }
        keys
    }

    pub(crate) const fn insert(&mut self, key: Key) {
        self.0 |= 1 << key.0;
    }

    pub(crate) const fn contains(self, key: Key) -> bool {
        self.0 & (1 << key.0) != 0
    }

    /// The keys of both sets.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether both sets have a key.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys};

    #[test]
    fn case_does_not_matter() {
        for name in ["Host", "x", "TE", "Content-Length", "sec_CH_ua-", "0-9"] {
            let key = Key::of(name.as_bytes());
            assert_eq!(key, Key::of(name.to_lowercase().as_bytes()), "{name}");
            assert_eq!(key, Key::of(name.to_uppercase().as_bytes()), "{name}");
            assert!(Keys::of(&[name]).contains(key), "{name}");
        }
        assert_eq!(Key::of(b""), Key(0));
    }

    #[test]
    fn what_heads_have_is_not_taken_for_what_is_asked_for() {
        let asked = ["connection", "expect", "host", "te", "transfer-encoding", "upgrade"];
        let common =
            ["Accept", "Accept-Encoding", "Content-Type", "Cookie", "Referer", "User-Agent"];
        let (asked, common) = (Keys::of(&asked), Keys::of(&common));
        assert!(!asked.meets(common) && asked.meets(asked));
        assert!(!Keys::none().meets(asked));
    }
}
