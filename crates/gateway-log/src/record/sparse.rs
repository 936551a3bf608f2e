//! Groups of facts that most records do not have, or have in common with others: they cost a
//! record one pointer, and read as if they stood in it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{
    BlockedFile, ClientSide, DatagramCounts, DlpMatches, Loss, QuarantineFacts, ReleaseFacts,
    WebSocketFacts,
};

/// Facts that belong together, all of which may be unknown.
pub trait Group: Clone + Default + PartialEq + fmt::Debug + 'static {
    /// The group in which nothing is known.
    fn unknown() -> &'static Self;
}

macro_rules! facts {
    ($($group:ident),* $(,)?) => {
        $(impl Group for $group {
            fn unknown() -> &'static Self {
                static UNKNOWN: $group = $group::UNKNOWN;
                &UNKNOWN
            }
        })*
    };
}

facts![
    BlockedFile,
    ClientSide,
    DatagramCounts,
    DlpMatches,
    Loss,
    QuarantineFacts,
    ReleaseFacts,
    WebSocketFacts
];

/// Facts that few records have. Who writes one makes the group.
#[derive(Clone)]
pub struct Rare<T>(Option<Box<T>>);

/// Facts that many records have in common. Who writes one gets a group of the record's own.
#[derive(Clone)]
pub struct Common<T>(Option<Arc<T>>);

impl<T> Rare<T> {
    /// Whether nobody has written a fact.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Common<T> {
    /// Whether nobody has written a fact.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Group> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Group> DerefMut for Common<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl<T> From<T> for Rare<T> {
    fn from(facts: T) -> Self {
        Self(Some(Box::new(facts)))
    }
}

impl<T> From<T> for Common<T> {
    fn from(facts: T) -> Self {
        Self(Some(Arc::new(facts)))
    }
}

macro_rules! reads_as_its_facts {
    ($($group:ident),*) => {
        $(
            impl<T: Group> Deref for $group<T> {
                type Target = T;

                fn deref(&self) -> &T {
                    match &self.0 {
                        Some(facts) => facts,
                        None => T::unknown(),
                    }
                }
            }

            impl<T> Default for $group<T> {
                fn default() -> Self {
                    Self(None)
                }
            }

            impl<T: Group> PartialEq for $group<T> {
                fn eq(&self, other: &Self) -> bool {
                    **self == **other
                }
            }

            impl<T: Group + Eq> Eq for $group<T> {}

            impl<T: Group> fmt::Debug for $group<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    (**self).fmt(f)
                }
            }
        )*
    };
}

reads_as_its_facts![Rare, Common];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wrote_is_unknown() {
        let unknown = Rare::<Loss>::default();
        assert!(unknown.is_unknown() && unknown.records.is_none());
        assert_eq!(unknown, Rare::from(Loss::default()), "however it came to be unknown");
        let mut loss = unknown.clone();
        loss.records = Some(1);
        assert!(!loss.is_unknown());
        assert_eq!(format!("{loss:?}"), format!("{:?}", *loss));
        assert_ne!(loss, unknown);
    }

    #[test]
    fn who_writes_shared_facts_writes_for_itself() {
        let session = Common::from(ClientSide { sni: "a.example".into(), ..ClientSide::default() });
        let mut request = session.clone();
        assert_eq!(request.sni, "a.example".into());
        request.ja4 = "t13d".into();
        assert!(session.ja4.is_empty() && !request.ja4.is_empty());
        assert!(Common::<ClientSide>::default().is_unknown() && !request.is_unknown());
    }
}
