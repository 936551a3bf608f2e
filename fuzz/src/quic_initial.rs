//! The ClientHello of QUIC and DTLS: an answer is given once, and what opened a connection belongs
//! to it.

use gateway_tls::{DtlsHelloPeek, DtlsPeek, QuicHelloPeek, QuicPeek};

/// Datagrams, each behind its length in two bytes.
pub fn quic_initial(data: &[u8]) {
    let datagrams = datagrams(data);
    let mut peek = QuicHelloPeek::default();
    let mut told = QuicPeek::NeedMore;
    for datagram in &datagrams {
        let now = peek.push(datagram);
        if told != QuicPeek::NeedMore {
            assert_eq!(now, told, "an answer was changed");
        } else if matches!(now, QuicPeek::Hello(_)) {
            assert!(peek.is_of_connection(datagram), "it opened the connection");
        }
        told = now;
    }
    let mut peek = DtlsHelloPeek::default();
    let mut told = DtlsPeek::NeedMore;
    for datagram in &datagrams {
        let now = peek.push(datagram);
        assert!(told == DtlsPeek::NeedMore || now == told, "an answer was changed");
        told = now;
    }
}

fn datagrams(mut data: &[u8]) -> Vec<&[u8]> {
    let mut datagrams = Vec::new();
    while let Some((&[high, low], rest)) = data.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (datagram, after) = rest.split_at(length);
        datagrams.push(datagram);
        data = after;
    }
    datagrams
}
