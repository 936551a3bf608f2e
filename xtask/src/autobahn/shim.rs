//! A way to the gateway for a client that knows no proxy: each connection goes on in a CONNECT.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    thread,
};

/// Listens until the program ends.
pub(super) struct Shim {
    pub(super) port: u16,
}

impl Shim {
    /// Leads what comes through the proxy on port `proxy` to port `target`, all of this host.
    pub(super) fn start(proxy: u16, target: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                thread::spawn(move || {
                    // A connection that breaks is what some cases are about.
                    let _ = lead(client, proxy, target);
                });
            }
        });
        Ok(Self { port })
    }
}

fn lead(mut client: TcpStream, proxy: u16, target: u16) -> io::Result<()> {
    let mut proxy = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy))?;
    client.set_nodelay(true)?;
    proxy.set_nodelay(true)?;
    write!(proxy, "CONNECT 127.0.0.1:{target} HTTP/1.1\r\nHost: 127.0.0.1:{target}\r\n\r\n")?;
    // Nothing follows the head before something was sent through it.
    let answer = read_head(&mut proxy)?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(answer));
    }
    // The client names what it was told to connect to; what it reaches is called otherwise.
    let (own, named) = (client.local_addr()?, format!("127.0.0.1:{target}"));
    let offer = read_head(&mut client)?.replace(&own.to_string(), &named);
    proxy.write_all(offer.as_bytes())?;
    let (from_client, to_proxy) = (client.try_clone()?, proxy.try_clone()?);
    let up = thread::spawn(move || pass(from_client, to_proxy));
    pass(proxy, client);
    let _ = up.join();
    Ok(())
}

fn read_head(from: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        head.extend(byte);
    }
    String::from_utf8(head).map_err(io::Error::other)
}

/// Passes bytes to their end; a break is passed on as one of both directions.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    match io::copy(&mut from, &mut to) {
        Ok(_) => drop(to.shutdown(Shutdown::Write)),
        Err(_) => {
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        }
    }
}
