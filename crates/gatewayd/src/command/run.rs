//! `gateway-proxy run`: serve until told to stop, load everything anew when told to.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;

use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::Ended;
use super::running::{Addresses, Opened, tell};
use crate::args::{GlobalArgs, RunArgs};
use crate::reload::{self, Cause};
use crate::startup::{self, Ready};
use crate::{config, events};

/// Serves until SIGTERM or SIGINT, then lets clients finish.
pub(super) fn run(global: &GlobalArgs, args: &RunArgs) -> Result<Ended, Box<dyn Error>> {
    let ready = startup::prepare(global, args)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(serve(ready, global, args))
}

async fn serve(ready: Ready, global: &GlobalArgs, args: &RunArgs) -> Result<Ended, Box<dyn Error>> {
    let seen = reload::look(&ready.whole.config, global);
    events::start(ready.whole.config.events);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let opened = Opened::open(&ready.whole).await?;
    greet(&ready, &opened.addresses, &mut io::stdout())?;
    let running = opened.run(ready.whole, seen, global, args)?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                tell(Cause::Signal, &running.reloader.reload(Cause::Signal).await);
            }
        }
    }
    info!("stopping: finishing what is in progress");
    match running.end().await {
        0 => Ok(Ended::Well),
        lost => Err(format!("{lost} records could not be written").into()),
    }
}

/// Says what runs, and where.
fn greet(ready: &Ready, addresses: &Addresses, out: &mut impl Write) -> io::Result<()> {
    ready.welcome(&addresses.proxies, out)?;
    for address in &addresses.proxies_in_tls {
        writeln!(out, "gateway-proxy listens on {address} in TLS")?;
    }
    for (what, address) in &addresses.transparent {
        writeln!(out, "gateway-proxy takes {what} on {address}")?;
    }
    write_doors(&ready.whole.config.admin, &addresses.administered, out)
}

/// Says where the gateway is administered, and what it takes.
fn write_doors(
    config: &config::Admin,
    addresses: &[SocketAddr],
    out: &mut impl Write,
) -> io::Result<()> {
    for address in addresses {
        let token = config.token.display();
        writeln!(
            out,
            "gateway-proxy is administered at http://{address}/ with the token in {token}"
        )?;
    }
    if !config.socket.as_os_str().is_empty() {
        let socket = config.socket.display();
        let page = if addresses.is_empty() { " ([admin] listen adds a page)" } else { "" };
        writeln!(out, "gateway-proxy is administered over the unix socket {socket}{page}")?;
    }
    out.flush()
}
