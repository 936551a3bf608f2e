//! How many datagrams and bytes went which way.

use gateway_log::Record;

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    from_client: Traffic,
    to_peer: Traffic,
    to_client: Traffic,
    /// Datagrams of either side that were not relayed.
    pub(super) dropped: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Traffic {
    datagrams: u64,
    bytes: u64,
}

impl Traffic {
    const fn add(&mut self, datagrams: u64, bytes: u64) {
        self.datagrams += datagrams;
        self.bytes += bytes;
    }
}

impl Counts {
    pub(super) const fn add_from_client(&mut self, bytes: usize) {
        self.from_client.add(1, bytes as u64);
    }

    pub(super) const fn add_to_peer(&mut self, bytes: usize) {
        self.to_peer.add(1, bytes as u64);
    }

    /// From a peer, and passed on at once.
    pub(super) const fn add_to_client(&mut self, bytes: usize) {
        self.to_client.add(1, bytes as u64);
    }

    /// Adds what another has counted.
    pub(super) const fn add(&mut self, other: &Self) {
        self.from_client.add(other.from_client.datagrams, other.from_client.bytes);
        self.to_peer.add(other.to_peer.datagrams, other.to_peer.bytes);
        self.to_client.add(other.to_client.datagrams, other.to_client.bytes);
        self.dropped += other.dropped;
    }

    /// Writes all of it into a record.
    pub(super) fn fill(&self, record: &mut Record) {
        record.bytes.from_client = Some(self.from_client.bytes);
        record.bytes.to_origin = Some(self.to_peer.bytes);
        record.bytes.from_origin = Some(self.to_client.bytes);
        record.bytes.to_client = Some(self.to_client.bytes);
        record.datagrams.from_client = Some(self.from_client.datagrams);
        record.datagrams.to_origin = Some(self.to_peer.datagrams);
        record.datagrams.to_client = Some(self.to_client.datagrams);
        record.datagrams.dropped = Some(self.dropped);
    }
}
