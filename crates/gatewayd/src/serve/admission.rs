//! How many connections and associations each client may have at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections each client has.
#[derive(Debug, Default)]
pub(crate) struct Admission(Mutex<HashMap<IpAddr, usize>>);

/// One connection that counts, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    client: IpAddr,
}

impl Admission {
    /// Counts one more connection of `client`, unless it has `max`.
    pub(crate) fn place(admission: &Arc<Self>, client: IpAddr, max: usize) -> Option<Place> {
        let mut counts = admission.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_insert(0);
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Place { admission: admission.clone(), client })
    }

    /// The connections of all clients now.
    pub(crate) fn places(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.admission.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_places_and_gets_them_back() {
        let admission = Arc::new(Admission::default());
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = Admission::place(&admission, one, 2);
        let second = Admission::place(&admission, one, 2);
        assert!(first.is_some() && second.is_some());
        assert!(Admission::place(&admission, one, 2).is_none());
        assert!(Admission::place(&admission, other, 2).is_some());
        drop(first);
        assert!(Admission::place(&admission, one, 2).is_some());
        drop(second);
        assert!(admission.0.lock().unwrap().is_empty());
    }
}
