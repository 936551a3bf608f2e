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

/// The budgets, and how long a header block may become.
#[derive(Debug)]
pub(super) struct Purse {
    pockets: [Pocket; 7],
    all: Pocket,
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
            continuation_max: budgets.continuation,
        }
    }

    /// Takes one; the fault if there is none.
    pub(super) fn take(&mut self, coin: Coin) -> Result<(), Fault> {
        let Some(pocket) = self.pockets.get_mut(coin as usize) else { return Ok(()) };
        let (left, all) = (pocket.left.checked_sub(1), self.all.left.checked_sub(1));
        pocket.left = left.ok_or_else(|| coin.fault())?;
        self.all.left = all.ok_or(Fault::BudgetAll)?;
        Ok(())
    }

    fn give<const KINDS: usize>(&mut self, coins: [(Coin, u32); KINDS]) {
        let mut all = 0_u32;
        for (coin, count) in coins {
            if let Some(pocket) = self.pockets.get_mut(coin as usize) {
                pocket.give(count);
            }
            all = all.saturating_add(count);
        }
        self.all.give(all);
    }

    /// A head was received or sent.
    pub(super) fn head(&mut self) {
        let coins =
            [(Coin::Ping, 1), (Coin::Ignored, 4), (Coin::WindowUpdate, 4), (Coin::DataSmall, 4)];
        self.give(coins);
    }

    /// A DATA frame of some size was received.
    pub(super) fn body_received(&mut self) {
        self.give([(Coin::Ping, 1), (Coin::DataSmall, 1)]);
    }

    /// A DATA frame was sent.
    pub(super) fn body_sent(&mut self) {
        self.give([(Coin::Ping, 1), (Coin::WindowUpdate, 4), (Coin::DataSmall, 1)]);
    }

    /// So many responses were sent or received whole.
    pub(super) fn streams_ended(&mut self, count: u32) {
        self.give([(Coin::Cancelled, count), (Coin::DataEmpty, count)]);
    }

    /// Time has passed.
    pub(super) fn refill(&mut self, elapsed_ms: u64) {
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
