//! One service: what it says of itself, its connections, and the way of a message through it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gateway_h1h2::icap::{self, Event, Exchange, Modify, ServiceOptions, Transfer};
use gateway_proxy::{AdaptInput, AdaptReport, Kept, Offer, ScanFailure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tracing::debug;

use super::exchange::{Ended, Replay, Running, failure};
use super::options::Known;
use super::tls::{IcapTlsError, ServiceTls};
use super::turns::Turns;
use super::{Reports, Times};
use crate::config::{Changed, Icap};
use crate::drive::Stream;
use crate::scanners::{Breaker, connect_to};

/// How long an idle connection is kept.
const KEEP: Duration = Duration::from_secs(10);

/// What a message is offered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// What comes back goes on.
    Change,
    /// It is a copy: what comes back goes nowhere.
    Scan,
}

/// A service.
#[derive(Debug)]
pub(crate) struct Service {
    address: icap::Service,
    /// What takes handshakes, where it is spoken to in TLS.
    tls: Option<ServiceTls>,
    times: Times,
    turns: Turns,
    /// Locked while it is being asked, so that it is asked once.
    known: tokio::sync::Mutex<Known>,
    idle: Mutex<Vec<(Stream, Instant)>>,
    /// Whether it is asked to scan at all.
    pub(super) breaker: Breaker,
    /// What it means of a copy that it gives back something else.
    pub(super) changed: Changed,
}

impl Service {
    /// The service of `icap`, whose `address` that is.
    ///
    /// # Errors
    ///
    /// [`IcapTlsError`].
    pub(super) fn new(icap: &Icap, address: icap::Service) -> Result<Self, IcapTlsError> {
        let ms = Duration::from_millis;
        Ok(Self {
            tls: ServiceTls::load(icap, &address)?,
            address,
            times: Times {
                connect: ms(icap.connect_ms),
                send: ms(icap.send_ms),
                answer: ms(icap.answer_ms),
            },
            turns: Turns::new(icap.connections_max),
            known: tokio::sync::Mutex::default(),
            idle: Mutex::default(),
            breaker: Breaker::default(),
            changed: icap.changed,
        })
    }

    /// Takes one message through, or until nobody waits for it any more.
    pub(super) async fn adapt(&self, mut inputs: UnboundedReceiver<AdaptInput>, reports: Reports) {
        let Some(AdaptInput::Offer(offer)) = inputs.recv().await else { return };
        match self.attempt(&offer, Purpose::Change, &mut inputs, &reports).await {
            Ok(()) | Err(Ended::Cancelled) => {}
            Err(Ended::Failed(failure)) => {
                if matches!(failure, ScanFailure::Unreachable | ScanFailure::TimedOut) {
                    self.forget().await;
                }
                reports.say(AdaptReport::Failed(failure));
            }
        }
    }

    /// Whether it is asked to scan.
    pub(crate) const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// What it said of itself is not to be relied on: it is not there any more.
    pub(super) async fn forget(&self) {
        self.known.lock().await.forget();
    }

    pub(super) async fn attempt(
        &self,
        offer: &Offer,
        purpose: Purpose,
        inputs: &mut UnboundedReceiver<AdaptInput>,
        reports: &Reports,
    ) -> Result<(), Ended> {
        let options = self.options().await.map_err(Ended::Failed)?;
        let takes = if offer.response.is_some() { options.respmod } else { options.reqmod };
        if !takes {
            return Err(Ended::Failed(ScanFailure::Refused));
        }
        let transfer = options.transfer(extension(offer));
        if transfer == Transfer::Ignore {
            reports.say(AdaptReport::Declined);
            return Ok(());
        }
        let modify = modify(offer, purpose, &options, transfer);
        let turn = timeout(self.times.connect, self.turns.take()).await;
        let _turn = turn.map_err(|_| Ended::Failed(ScanFailure::Busy))?;
        let mut replay = Replay::default();
        let idle = self.idle();
        let is_kept = idle.is_some();
        let stream = match idle {
            Some(stream) => stream,
            None => self.connect().await.map_err(Ended::Failed)?,
        };
        let ended = self.run(stream, (offer, &modify), inputs, reports, &mut replay).await;
        match ended {
            // The service had closed it, or was started anew, in the meantime.
            Err(Ended::Failed(ScanFailure::Broken)) if is_kept && replay.is_possible() => {
                let stream = self.connect().await.map_err(Ended::Failed)?;
                self.run(stream, (offer, &modify), inputs, reports, &mut replay).await
            }
            ended => ended,
        }
    }

    async fn run(
        &self,
        mut stream: Stream,
        (offer, modify): (&Offer, &Modify),
        inputs: &mut UnboundedReceiver<AdaptInput>,
        reports: &Reports,
        replay: &mut Replay,
    ) -> Result<(), Ended> {
        let exchange = match &offer.response {
            None => Exchange::reqmod(&self.address, modify, &offer.request),
            Some(response) => {
                Exchange::respmod(&self.address, modify, Some(&offer.request), response)
            }
        };
        let mut running = Running::new(exchange, reports, self.times);
        running.go(&mut stream, inputs, replay).await?;
        if let Some(told) = running.told() {
            self.known.lock().await.check(&told.istag);
        }
        if running.is_reusable() {
            self.keep(stream);
        }
        Ok(())
    }

    /// What it says of itself: what it said last, while that is true.
    async fn options(&self) -> Result<Arc<ServiceOptions>, ScanFailure> {
        let patience = self.times.connect + self.times.answer;
        let known = timeout(patience, self.known.lock()).await;
        let mut known = known.map_err(|_| ScanFailure::TimedOut)?;
        if let Some(said) = known.at(Instant::now()) {
            return said;
        }
        let said = self.ask().await.map(Arc::new);
        known.learn(&said, Instant::now());
        if let Ok(options) = &said {
            self.turns.allow(options.max_connections);
        }
        said
    }

    async fn ask(&self) -> Result<ServiceOptions, ScanFailure> {
        let mut stream = self.connect().await?;
        let mut exchange = Exchange::options(&self.address);
        let asked = async {
            while let Some(out) = exchange.poll_output() {
                stream.write_all(&out).await.map_err(|_| ScanFailure::Broken)?;
            }
            // TLS keeps back what the socket did not take.
            stream.flush().await.map_err(|_| ScanFailure::Broken)?;
            let mut bytes = [0; 4096];
            while !exchange.is_done() {
                let read = stream.read(&mut bytes).await.map_err(|_| ScanFailure::Broken)?;
                if read == 0 {
                    return Err(ScanFailure::Broken);
                }
                let came = bytes.get(..read).unwrap_or_default();
                exchange.receive(came).map_err(|error| failure(&error))?;
            }
            match exchange.poll_event() {
                Some(Event::Options(options)) => Ok(options),
                _ => Err(ScanFailure::Garbled),
            }
        };
        let options =
            timeout(self.times.answer, asked).await.map_err(|_| ScanFailure::TimedOut)??;
        if exchange.is_reusable() {
            self.keep(stream);
        }
        Ok(options)
    }

    /// Connects, and takes the TLS handshake where there is one.
    async fn connect(&self) -> Result<Stream, ScanFailure> {
        let (host, port) = (self.address.host(), self.address.port());
        let connected = timeout(self.times.connect, async {
            match &self.tls {
                None => connect_to(host, port).await.map(Stream::Tcp),
                Some(tls) => tls.connect(connect_to(host, port).await?).await,
            }
        });
        match connected.await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => {
                debug!(service = %self.address, %error, "a service of ICAP is not reached");
                Err(ScanFailure::Unreachable)
            }
            Err(_) => Err(ScanFailure::Unreachable),
        }
    }

    /// A connection that is still alive: the one used last.
    fn idle(&self) -> Option<Stream> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((mut stream, since)) = idle.pop() {
            if since.elapsed() < KEEP && stream.is_quiet() {
                return Some(stream);
            }
        }
        None
    }

    fn keep(&self, stream: Stream) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < KEEP);
        idle.push((stream, Instant::now()));
    }
}

/// How the message is offered to a service that has said `options`.
fn modify(offer: &Offer, purpose: Purpose, options: &ServiceOptions, transfer: Transfer) -> Modify {
    let mut modify = Modify::default();
    let kept = match offer.kept {
        Kept::Whole => u32::MAX,
        Kept::Preview(bytes_max) => u32::try_from(bytes_max).unwrap_or(u32::MAX),
    };
    modify.preview = match transfer {
        Transfer::Preview => options.preview.map(|preview| preview.min(kept)),
        Transfer::Complete | Transfer::Ignore => None,
    };
    modify.allow_204 = offer.kept == Kept::Whole;
    modify.allow_206 = options.allow_206 && purpose == Purpose::Change;
    modify.client = offer.client;
    modify
}

/// The file extension in the path of the request; empty if there is none.
fn extension(offer: &Offer) -> &str {
    let path = offer.request.target.path_and_query().map_or("", |path| path.path());
    let file = path.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or("", |(_, extension)| extension)
}
