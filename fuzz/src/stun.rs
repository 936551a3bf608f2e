//! STUN and TURN: what is read of a message stands in it.

use gateway_h1h2::stun::{ChannelData, Header, Message, Reading};

/// The bytes are a datagram.
pub fn stun(data: &[u8]) {
    let mut told = Reading::NeedMore;
    for end in 0..=data.len().min(8) {
        let now = Header::read(&data[..end]);
        assert!(told == Reading::NeedMore || now == told, "an answer was changed at {end}");
        told = now;
    }
    if let Some(message) = Message::read(data) {
        let Reading::Is(header) = Header::read(data) else { panic!("a message without a header") };
        assert_eq!(header.message_bytes, data.len());
        assert!(data.len().is_multiple_of(4) && message.peers.len() <= 16);
        assert!(message.peers_unclear || message.peers.len() * 12 <= data.len());
        for part in [message.realm, message.username, message.data].into_iter().flatten() {
            assert!(data.as_ptr_range().contains(&part.as_ptr()) || part.is_empty());
        }
    }
    if let Some(channel) = ChannelData::read(data) {
        assert!(
            (0x4000..=0x4fff).contains(&channel.channel) && channel.data.len() + 7 >= data.len()
        );
    }
}
