//! Records of a session on their way to the sinks: they are handed over once what they tell of has been
//! written, so that nobody waits for that. To wake the thread of a sink takes longer than an answer.

use std::sync::Arc;

use gateway_log::Record;

use crate::serve::Outlet;

/// Records that wait for the next turn; those that are left at the end are handed over then.
pub(super) struct Records {
    #[expect(clippy::vec_box, reason = "a record is large, and comes and goes in its box")]
    waiting: Vec<Box<Record>>,
    outlet: Arc<Outlet>,
}

impl Records {
    pub(super) fn new(outlet: Arc<Outlet>) -> Self {
        Self { waiting: Vec::new(), outlet }
    }

    /// Where they go.
    pub(super) const fn outlet(&self) -> &Arc<Outlet> {
        &self.outlet
    }

    pub(super) fn push(&mut self, record: Box<Record>) {
        self.waiting.push(record);
    }

    /// Hands over what waits.
    pub(super) fn submit(&mut self) {
        for record in self.waiting.drain(..) {
            self.outlet.submit(record);
        }
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        self.submit();
    }
}
