//! Connections within a connection: CONNECT over HTTP/2, and how many of them a client may have.

use std::io::Read;
use std::net::TcpStream;
use std::time::Instant;

use gateway_h1h2::{Event, ResetReason, StreamId};

use crate::gateway::{PATIENCE, Setup};
use crate::http2_client::Http2Client;
use crate::message::response;
use crate::origin::Origin;

#[test]
fn tunnels_within_a_connection_count_as_connections_of_their_client() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let setup = Setup::new()
        .tunnels_to(&origin)
        .tables("[limits]\nconnections_per_client_max = 3\n[http2]\nclient = true\n");
    let gateway = setup.start();
    let authority = format!("origin.test:{}", origin.port);
    // Three places: the connection itself, and two tunnels.
    let mut client = Http2Client::new(&gateway);
    let tunnels: Vec<StreamId> = (0..3).map(|_| client.connect(&authority)).collect();
    let statuses: Vec<u16> = tunnels.iter().map(|tunnel| client.status(*tunnel)).collect();
    assert_eq!(statuses, [200, 200, 503]);
    // Another connection has no place either, until a tunnel ends.
    let mut other = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    assert_eq!(other.read(&mut [0]).unwrap_or(0), 0, "it is turned away");
    client.send(tunnels[0], Event::Reset(ResetReason::Cancelled));
    let until = Instant::now() + PATIENCE;
    loop {
        let tunnel = client.connect(&authority);
        match client.status(tunnel) {
            200 => break,
            // The place becomes free when the tunnel has really ended.
            status => assert_eq!(status, 503),
        }
        assert!(Instant::now() < until, "the place does not become free");
    }
}
