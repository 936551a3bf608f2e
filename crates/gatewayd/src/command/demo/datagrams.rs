//! The demo's step for datagrams: a query of DNS by the relay of SOCKS 5 (UDP ASSOCIATE), to a
//! server that gives it back as its answer.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use gateway_h1h2::socks::{decode_datagram, encode_datagram};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// A query for the address of `example.com`.
const QUERY: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";

/// Starts the server; it answers one query.
pub(super) async fn serve() -> io::Result<SocketAddr> {
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = server.local_addr()?;
    tokio::spawn(async move {
        let mut bytes = [0; 512];
        if let Ok((length, client)) = server.recv_from(&mut bytes).await {
            let _ = server.send_to(bytes.get(..length).unwrap_or_default(), client).await;
        }
    });
    Ok(address)
}

/// Asks the server at `to` through the gateway; whether the answer came from there.
pub(super) async fn ask(proxy: SocketAddr, to: SocketAddr) -> Result<bool, Box<dyn Error>> {
    let mut control = TcpStream::connect(proxy).await?;
    control.write_all(b"\x05\x01\0\x05\x03\0\x01\0\0\0\0\0\0").await?;
    let mut answer = [0; 12];
    control.read_exact(&mut answer).await?;
    let [5, 0, 5, 0, 0, 1, a, b, c, d, high, low] = answer else {
        return Err(format!("SOCKS: {answer:?}").into());
    };
    let relay = SocketAddr::from(([a, b, c, d], u16::from_be_bytes([high, low])));
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut datagram = Vec::new();
    encode_datagram(to, QUERY, &mut datagram);
    client.send_to(&datagram, relay).await?;
    let mut bytes = vec![0; 2048];
    let (length, from) = client.recv_from(&mut bytes).await?;
    bytes.truncate(length);
    let (peer, payload) = decode_datagram(&Bytes::from(bytes))?;
    Ok(from == relay && peer == to.into() && payload == QUERY)
}
