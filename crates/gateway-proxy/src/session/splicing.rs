//! A tunnel that is not looked into: the driver relays it.

use bytes::Bytes;
use gateway_log::{Interception, SpliceReason};

use super::{Output, Session, Splice, Stage};
use crate::dial::OriginId;

/// A relay by the driver.
pub(super) struct Spliced {
    pub(super) origin: OriginId,
    pub(super) from_client: u64,
    pub(super) from_origin: u64,
    /// What is still to be written before it begins.
    pub(super) to_client: Vec<Bytes>,
    pub(super) to_origin: Vec<Bytes>,
}

impl Session {
    pub(super) fn splice(
        &mut self,
        id: OriginId,
        to_client: Vec<Bytes>,
        to_origin: Bytes,
        why: SpliceReason,
    ) {
        if let Some(record) = &mut self.record {
            record.inspection.interception = Some(Interception::Spliced(why));
        }
        self.origins.retain(|origin| origin.id != id);
        self.stage = Stage::Splicing(Spliced {
            origin: id,
            from_client: 0,
            from_origin: 0,
            to_client,
            to_origin: vec![to_origin],
        });
        let idle = self.policy.settings.timeouts.tunnel_idle;
        self.emit(Output::Splice(Splice { origin: id, idle }));
    }
}
