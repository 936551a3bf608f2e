//! First bytes: an answer, once given, holds for everything that may follow.

use gateway_h1h2::sniff::{Sniff, sniff_datagram, sniff_greeting, sniff_stream};

/// The bytes are the beginning of a stream of either side, and a datagram.
pub fn sniff(data: &[u8]) {
    for tell in [sniff_stream, sniff_greeting] {
        let mut told = Sniff::NeedMore;
        for end in 0..=data.len().min(600) {
            let now = tell(&data[..end]);
            assert!(told == Sniff::NeedMore || now == told, "an answer was changed at {end}");
            told = now;
        }
    }
    assert_eq!(sniff_datagram(data), sniff_datagram(data));
}
