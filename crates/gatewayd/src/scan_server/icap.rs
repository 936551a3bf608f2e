//! The service of ICAP: requests and responses that a proxy offers, scanned as a whole before the proxy
//! is told what becomes of them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_av::{Consequence, Verdict};
use gateway_content::BodyInfo;
use gateway_h1h2::icap::{About, Ask, Head, Kind, Message, Said, Server};
use gateway_h1h2::{BodySize, ResponseHead};
use gateway_inspect::Unscannable;
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, error, info};

use super::engine::{Came, Look, Scan, heuristic};
use crate::config::IcapServer;
use crate::metrics::ScanServer;
use crate::serve::{Gateway, Live};

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);
/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;

/// What all connections share.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) live: Arc<Live>,
    pub(super) config: IcapServer,
    pub(super) places: Arc<Semaphore>,
    /// TLS comes first.
    pub(super) tls: bool,
}

/// Accepts on this thread.
pub(super) async fn accept(listener: io::Result<std::net::TcpListener>, served: Served) {
    let listener = match listener.and_then(TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return error!("one thread less serves clients of ICAP: {error}"),
    };
    let mut serving = JoinSet::new();
    loop {
        let Ok(place) = served.places.clone().acquire_owned().await else { return };
        while serving.try_join_next().is_some() {}
        let Ok((stream, client)) = listener.accept().await else {
            tokio::time::sleep(REST).await;
            continue;
        };
        if !served.config.admits(client.ip()) {
            continue;
        }
        let _ = stream.set_nodelay(true);
        let served = served.clone();
        serving.spawn(async move {
            welcome(&served, stream).await;
            drop(place);
        });
    }
}

/// Serves a client that has connected; where TLS comes first, once that stands, which it must in the time
/// that a message may take between two bytes.
async fn welcome(served: &Served, stream: TcpStream) {
    if !served.tls {
        return serve(served, stream).await;
    }
    let Some(tls) = served.live.current().icap_tls.clone() else { return };
    match timeout(ms(served.config.read_ms), tls.accept(stream)).await {
        Ok(Ok(stream)) => serve(served, stream).await,
        Ok(Err(error)) => debug!(%error, "no TLS with a client of ICAP"),
        Err(_) => debug!("no TLS in time with a client of ICAP"),
    }
}

/// Serves one client; what it does wrong, or too slowly, ends the connection.
async fn serve(served: &Served, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let config = &served.config;
    let mut server = Server::new();
    let mut offered: Option<Offered> = None;
    let mut bytes = vec![0; READ_BYTES];
    loop {
        while let Some(ask) = server.poll() {
            match ask {
                Ask::Options(service) => options(served, &mut server, &service),
                Ask::Message(message) => match look(&message.service) {
                    Some(look) => {
                        let gateway = served.live.current();
                        offered = Some(Offered::new(gateway, look, *message, config));
                    }
                    None => server.refuse(404),
                },
                Ask::Data(bytes) => {
                    if let Some(offered) = &mut offered {
                        offered.push(bytes).await;
                    }
                }
                Ask::Preview => server.go_on(),
                Ask::End => match offered.take() {
                    Some(offered) => offered.answer(&mut server).await,
                    None => server.refuse(500),
                },
                _ => server.refuse(500),
            }
        }
        if !flush(&mut server, &mut stream, config).await || server.is_over() {
            return;
        }
        let patience = if server.is_idle() { config.idle_ms } else { config.read_ms };
        match timeout(ms(patience), stream.read(&mut bytes)).await {
            Ok(Ok(read @ 1..)) => server.receive(bytes.get(..read).unwrap_or_default()),
            Ok(Ok(0) | Err(_)) => return,
            Err(_) => {
                if !server.is_idle() {
                    server.refuse(408);
                    flush(&mut server, &mut stream, config).await;
                }
                return;
            }
        }
    }
}

/// Sends what is to be sent; whether the client took it.
async fn flush(
    server: &mut Server,
    stream: &mut (impl AsyncWrite + Unpin),
    config: &IcapServer,
) -> bool {
    let mut has_sent = false;
    while let Some(output) = server.poll_output() {
        has_sent = true;
        let sent = timeout(ms(config.send_ms), stream.write_all(&output)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return false;
        }
    }
    // TLS keeps back what the socket did not take.
    !has_sent || matches!(timeout(ms(config.send_ms), stream.flush()).await, Ok(Ok(())))
}

/// What the service of this name looks for.
fn look(service: &str) -> Option<Look> {
    match service {
        "av" => Some(Look::Av),
        "dlp" => Some(Look::Dlp),
        "scan" => Some(Look::All),
        _ => None,
    }
}

fn options(served: &Served, server: &mut Server, service: &str) {
    if look(service).is_none() {
        return server.refuse(404);
    }
    let mut about = About::default();
    about.service = format!("gateway {}", env!("CARGO_PKG_VERSION"));
    about.connections_max = u32::try_from(served.config.connections_max).unwrap_or(u32::MAX);
    server.options(&about, &Said::new(&tag(&served.live.current())));
}

/// Another one for each policy and run, as what was found before may be found no more.
fn tag(gateway: &Gateway) -> String {
    gateway.tag.clone()
}

/// A message that is being looked at.
struct Offered {
    gateway: Arc<Gateway>,
    message: Message,
    scan: Scan,
    /// What came of its body, while it may have to be sent back.
    kept: Vec<Bytes>,
    kept_bytes: u64,
    bytes_max: u64,
    /// More came than is kept.
    overflowed: bool,
}

/// What becomes of a message.
enum Fate {
    Unmodified,
    Noted(String),
    Refused(String),
}

impl Offered {
    fn new(gateway: Arc<Gateway>, look: Look, message: Message, config: &IcapServer) -> Self {
        let fields = match message.kind {
            Kind::Request => message.request.as_ref().map(|head| &head.fields),
            Kind::Response => message.response.as_ref().map(|head| &head.fields),
        };
        let info = fields.map_or_else(BodyInfo::default, |fields| {
            gateway_proxy::body_info(fields, BodySize::Unknown)
        });
        let scan = Scan::new(&gateway, look, &info);
        Self {
            gateway,
            message,
            scan,
            kept: Vec::new(),
            kept_bytes: 0,
            bytes_max: config.held_bytes_max,
            overflowed: false,
        }
    }

    async fn push(&mut self, bytes: Bytes) {
        let length = bytes.len() as u64;
        // What a preview shows is sent back too if there is more behind it.
        if !self.message.allow_204 && !self.overflowed {
            self.kept_bytes += length;
            self.kept.push(bytes.clone());
            if self.kept_bytes > self.bytes_max {
                self.overflowed = true;
                self.kept = Vec::new();
                self.scan.give_up(Unscannable::TooLarge);
            }
        }
        self.scan.push(bytes).await;
    }

    async fn answer(self, server: &mut Server) {
        let Self { gateway, message, scan, kept, overflowed, .. } = self;
        let came = scan.finish().await;
        gateway.sinks.metrics().scan_served(ScanServer::Icap, came.verdict);
        let said = Said::new(&tag(&gateway));
        let said = match fate(&came, &gateway.config.icap_server) {
            Fate::Refused(why) => return refuse(server, said, &why),
            // What is not here any more cannot be sent back.
            _ if overflowed => return refuse(server, said, &heuristic(Unscannable::TooLarge)),
            Fate::Noted(what) => said.found(&what),
            Fate::Unmodified => said,
        };
        if server.may_leave_unmodified() {
            return server.unmodified(&said);
        }
        let body = if message.has_body { BodySize::Unknown } else { BodySize::Empty };
        server.begin(&said, Head::Original, body);
        kept.into_iter().for_each(|bytes| server.push(bytes));
        server.finish(body);
    }
}

fn fate(came: &Came, config: &IcapServer) -> Fate {
    let profile =
        came.profiles.iter().find(|id| config.block_profiles.iter().any(|of| **of == ***id));
    let named = |consequence: Consequence, name: String| match consequence {
        Consequence::Block | Consequence::Quarantine => Fate::Refused(name),
        Consequence::Log => Fate::Noted(name),
        Consequence::Allow => Fate::Unmodified,
    };
    let of_verdict = match came.verdict {
        Verdict::Clean => Fate::Unmodified,
        Verdict::Infected(consequence) => {
            named(consequence, came.signatures.first().cloned().unwrap_or_default())
        }
        Verdict::Unscannable { reason, consequence } => named(consequence, heuristic(reason)),
    };
    match (of_verdict, profile) {
        (Fate::Refused(name), _) => Fate::Refused(name),
        (_, Some(profile)) => Fate::Refused(format!("DLP.{profile}")),
        (fate, None) => fate,
    }
}

/// Answers with a page in the place of the message.
fn refuse(server: &mut Server, said: Said, why: &str) {
    info!(what = %why, "refused for a client of ICAP");
    let page = "<!doctype html><title>Blocked</title><h1>Blocked</h1>\
                <p>This was blocked by a rule of your organisation.\n";
    let body = BodySize::Length(page.len() as u64);
    let mut head = ResponseHead::new(StatusCode::FORBIDDEN);
    for (name, value) in
        [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
    {
        // Both are well formed.
        let _ = head.fields.append(name, value);
    }
    head.body = body;
    server.begin(&said.found(why), Head::Response(&head), body);
    server.push(Bytes::from_static(page.as_bytes()));
    server.finish(body);
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
