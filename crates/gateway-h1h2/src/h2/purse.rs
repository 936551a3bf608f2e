//! What is left of the [`Budgets`] of one connection.

use super::{Budgets, Fault};

/// How long it takes until time alone has filled an empty budget.
const REFILL_MS: u64 = 16_000;

/// One kind of frame that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coin {
    Settings,
    Ping,
    Ignored,
    WindowUpdate,
    Cancelled,
    DataEmpty,
    DataSmall,
}

#[derive(Clone, Copy, Debug)]
struct Pocket {
    left: u32,
    max: u32,
    /// What time has given, in parts of [`REFILL_MS`].
    parts: u64,
}

/// What gives back, in numbers of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
    heads: u32,
    bodies_received: u32,
    bodies_sent: u32,
    streams_ended: u32,
}

/// The budgets, and how long a header block may become.
#[derive(Debug)]
pub(super) struct Purse {
    pockets: [Pocket; 7],
    all: Pocket,
    /// Work that has not been paid for: what gives much more often than anything is taken.
    unpaid: Work,
    pub(super) continuation_max: u32,
}

impl Purse {
    pub(super) fn new(budgets: &Budgets) -> Self {
        let all = [
            budgets.settings,
            budgets.ping,
            budgets.ignored,
            budgets.window_update,
            budgets.cancelled,
            budgets.data_empty,
            budgets.data_small,
        ];
        Self {
            pockets: all.map(Pocket::new),
            all: Pocket::new(budgets.all),
            unpaid: Work::default(),
            continuation_max: budgets.continuation,
        }
    }

    /// Takes one; the fault if there is none.
    pub(super) fn take(&mut self, coin: Coin) -> Result<(), Fault> {
        self.pay();
        let Some(pocket) = self.pockets.get_mut(coin as usize) else { return Ok(()) };
        let (left, all) = (pocket.left.checked_sub(1), self.all.left.checked_sub(1));
        pocket.left = left.ok_or_else(|| coin.fault())?;
        self.all.left = all.ok_or(Fault::BudgetAll)?;
        Ok(())
    }

    /// A head was received or sent.
    pub(super) fn head(&mut self) {
        self.unpaid.heads = self.unpaid.heads.saturating_add(1);
    }

    /// A DATA frame of some size was received.
    pub(super) fn body_received(&mut self) {
        self.unpaid.bodies_received = self.unpaid.bodies_received.saturating_add(1);
    }

    /// A DATA frame was sent.
    pub(super) fn body_sent(&mut self) {
        self.unpaid.bodies_sent = self.unpaid.bodies_sent.saturating_add(1);
    }

    /// So many responses were sent or received whole.
    pub(super) fn streams_ended(&mut self, count: u32) {
        self.unpaid.streams_ended = self.unpaid.streams_ended.saturating_add(count);
    }

    /// Gives for the work that was done. Pockets are never more than full, and nothing was taken of
    /// them meanwhile: it comes to the same as to give at once.
    fn pay(&mut self) {
        let work = std::mem::take(&mut self.unpaid);
        if work == Work::default() {
            return;
        }
        let Work { heads, bodies_received, bodies_sent, streams_ended } = work;
        self.give(
            heads,
            &[(Coin::Ping, 1), (Coin::Ignored, 4), (Coin::WindowUpdate, 4), (Coin::DataSmall, 4)],
        );
        self.give(bodies_received, &[(Coin::Ping, 1), (Coin::DataSmall, 1)]);
        self.give(bodies_sent, &[(Coin::Ping, 1), (Coin::WindowUpdate, 4), (Coin::DataSmall, 1)]);
        self.give(streams_ended, &[(Coin::Cancelled, 1), (Coin::DataEmpty, 1)]);
    }

    /// Gives so many coins of each kind, `times` times.
    fn give(&mut self, times: u32, coins: &[(Coin, u32)]) {
        let mut all = 0_u32;
        for (coin, count) in coins {
            let count = count.saturating_mul(times);
            if let Some(pocket) = self.pockets.get_mut(*coin as usize) {
                pocket.give(count);
            }
            all = all.saturating_add(count);
        }
        self.all.give(all);
    }

    /// Time has passed.
    pub(super) fn refill(&mut self, elapsed_ms: u64) {
        self.pay();
        let elapsed_ms = elapsed_ms.min(REFILL_MS);
        for pocket in self.pockets.iter_mut().chain([&mut self.all]) {
            let parts = pocket.parts + elapsed_ms * u64::from(pocket.max);
            let whole = u32::try_from(parts / REFILL_MS).unwrap_or(u32::MAX);
            pocket.parts = parts % REFILL_MS;
            pocket.give(whole);
        }
    }
}

impl Pocket {
    const fn new(max: u32) -> Self {
        Self { left: max, max, parts: 0 }
    }

    /// Adds to what is left, never beyond what there was at first.
    fn give(&mut self, count: u32) {
        self.left = self.left.saturating_add(count).min(self.max);
    }
}

impl Coin {
    fn fault(self) -> Fault {
        match self {
            Self::Settings => Fault::BudgetSettings,
            Self::Ping => Fault::BudgetPing,
            Self::Ignored => Fault::BudgetIgnored,
            Self::WindowUpdate => Fault::BudgetWindowUpdate,
            Self::Cancelled => Fault::BudgetCancelled,
            Self::DataEmpty => Fault::BudgetDataEmpty,
            Self::DataSmall => Fault::BudgetDataSmall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_time_give_back() {
        let mut purse = Purse::new(&Budgets { ping: 2, ..Budgets::default() });
        assert_eq!((purse.take(Coin::Ping), purse.take(Coin::Ping)), (Ok(()), Ok(())));
        assert_eq!(purse.take(Coin::Ping), Err(Fault::BudgetPing));
        purse.head();
        purse.body_sent();
        purse.body_received();
        assert_eq!((purse.take(Coin::Ping), purse.take(Coin::Ping)), (Ok(()), Ok(())));
        assert_eq!(purse.take(Coin::Ping), Err(Fault::BudgetPing), "never more than at first");
        for _ in 0..7_999 {
            purse.refill(1);
        }
        assert_eq!(purse.take(Coin::Ping), Err(Fault::BudgetPing));
        purse.refill(1);
        assert_eq!(purse.take(Coin::Ping), Ok(()));
        purse.refill(u64::MAX);
        assert_eq!((purse.take(Coin::Ping), purse.take(Coin::Ping)), (Ok(()), Ok(())));
        assert_eq!(purse.take(Coin::Settings), Ok(()), "the others are their own");
    }
}
