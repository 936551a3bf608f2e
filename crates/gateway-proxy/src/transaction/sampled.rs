//! The sample of bodies that are looked at for data loss though no rule wants that.

use super::Transaction;
use crate::body::{Sample, Wants};

/// Whether one in so many requests, of which this is the `id`, is that one.
fn is_sampled(id: &[u8], one_in: u32) -> bool {
    // FNV-1a: ids that differ in little are spread all the same.
    let hash = id.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    one_in > 0 && (hash >> 16) % u64::from(one_in) == 0
}

impl Transaction {
    /// What is wanted of a body, and that it is looked at as one of the sample where nobody wants to
    /// know of data loss in it.
    pub(super) fn with_sample(&self, mut wants: Wants) -> Wants {
        let one_in = self.policy.settings.dlp_sample_one_in;
        if one_in == 0 || wants.any.wants_any("dlp") {
            return wants;
        }
        let id = self.record.as_ref().map(|record| record.request_id.as_bytes());
        if id.is_some_and(|id| is_sampled(id, one_in)) {
            wants.any.insert("dlp");
            wants.sample = Sample::Yes;
        }
        wants
    }
}
