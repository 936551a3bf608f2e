//! The loop that runs one session.

mod happened;
mod turn;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_proxy::{DialError, Identify, Input, Output, Session, Splice, Wire as Id};
use tokio::sync::watch;
use tokio::time::{Sleep, timeout};

pub(super) use self::happened::Happened;
use super::adaptations::Adaptations;
use super::deferred::Deferring;
use super::joined::Joining;
use super::lanes::Lanes;
use super::origins::Connection;
use super::records::Records;
use super::relay::Relay;
use super::scans::Scans;
use super::stream::Stream;
use super::wire::Wire;
use crate::datagram::Associated;
use crate::metrics::{Method, Outcome};
use crate::serve::{Gateway, Life, Place};

/// How long a client may take to read what it is sent last.
const LAST_BYTES: Duration = Duration::from_secs(10);

/// Runs a session to its end; until then it has its place.
pub(crate) async fn drive(
    gateway: Arc<Gateway>,
    session: Session,
    client: Stream,
    life: watch::Receiver<Life>,
    place: Option<Place>,
) {
    let mut driver = Driver {
        records: Records::new(gateway.sinks.clone()),
        gateway,
        session,
        _place: place,
        client: Some(Wire::new(client)),
        origins: Vec::new(),
        lanes: Lanes::default(),
        work: Vec::new(),
        scans: Scans::default(),
        adaptations: Adaptations::default(),
        deferring: Deferring::default(),
        joining: Joining::default(),
        splice: None,
        relay: None,
        associated: None,
        again: false,
        timer: None,
        done_since: None,
        lives: life.clone(),
        life: Box::pin(next_life(life)),
        life_waker: None,
        pieces: Vec::new(),
    };
    driver.carry_out();
    while !driver.is_done() {
        if std::mem::take(&mut driver.again) {
            tokio::task::yield_now().await;
            driver.give(Input::Again);
        }
        let happened = poll_fn(|context| driver.poll(context)).await;
        // What goes to a connection that others have is written after all of them anyway.
        let leads_to_writing = matches!(happened, Happened::Read(..)) && driver.lanes.is_empty();
        driver.take(happened);
        if leads_to_writing {
            others_first().await;
        }
    }
}

/// Lets those go on that can already, before what was just read leads to writing: with all reads of
/// a turn before all writes, who is written to is woken for many writes at a time. To wake somebody
/// on another core costs as much as writing does.
async fn others_first() {
    let mut first = true;
    poll_fn(|context| {
        if std::mem::take(&mut first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

pub(super) struct Driver {
    records: Records,
    pub(super) gateway: Arc<Gateway>,
    pub(super) session: Session,
    /// Its place among the connections of its client, if it is one.
    _place: Option<Place>,
    pub(super) client: Option<Wire>,
    pub(super) origins: Vec<Connection>,
    /// On origin connections that others have too.
    pub(super) lanes: Lanes,
    pub(super) work: Vec<Pin<Box<dyn Future<Output = Happened> + Send>>>,
    scans: Scans,
    adaptations: Adaptations,
    pub(super) deferring: Deferring,
    pub(super) joining: Joining,
    splice: Option<Splice>,
    relay: Option<Box<Relay>>,
    /// A relay for datagrams, kept for as long as the session lasts.
    pub(super) associated: Option<Associated>,
    again: bool,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
    /// Since when the session has nothing more to say.
    done_since: Option<Instant>,
    /// For what else runs as a part of this session.
    pub(super) lives: watch::Receiver<Life>,
    /// Kept between turns: a future that is dropped wakes nobody.
    life: Pin<Box<dyn Future<Output = (Life, watch::Receiver<Life>)> + Send>>,
    /// Whom `life` wakes.
    life_waker: Option<Waker>,
    /// Reused between turns.
    pub(super) pieces: Vec<Bytes>,
}

/// What becomes of the gateway next.
async fn next_life(mut life: watch::Receiver<Life>) -> (Life, watch::Receiver<Life>) {
    if life.changed().await.is_err() {
        // Nobody is left to say more.
        std::future::pending::<()>().await;
    }
    let now = *life.borrow_and_update();
    (now, life)
}

impl Driver {
    fn is_done(&self) -> bool {
        self.session.is_done()
            && self.client.is_none()
            && self.relay.is_none()
            && self.origins.is_empty()
    }

    pub(super) fn give(&mut self, input: Input) {
        self.session.handle(input, Instant::now());
        self.carry_out();
    }

    /// Does everything that the session says.
    pub(super) fn carry_out(&mut self) {
        let mut output = self.session.poll();
        loop {
            while let Some(said) = output {
                self.carry_out_one(said);
                output = self.session.poll();
            }
            for (id, lane) in self.lanes.iter() {
                while let Some((exchange, input)) = self.session.poll_lane(id) {
                    lane.say(exchange, input);
                }
            }
            if !self.take_output() {
                return;
            }
            // What was taken may have made room for more.
            output = self.session.poll();
        }
    }

    /// Takes what is to be written, as far as there is room for it; whether there was anything.
    fn take_output(&mut self) -> bool {
        let mut taken = 0;
        let client = self.client.iter_mut().map(|wire| (Id::Client, wire));
        let origins = self.origins.iter_mut().map(|o| (Id::Origin(o.id), &mut o.wire));
        for (id, wire) in client.chain(origins) {
            if wire.has_room() {
                taken += self.session.poll_output(id, &mut self.pieces);
                wire.queue(&mut self.pieces);
            }
        }
        taken > 0
    }

    fn carry_out_one(&mut self, output: Output) {
        match output {
            Output::Resolve(stream, host) => {
                let dialer = self.gateway.dialer.clone();
                self.work.push(Box::pin(async move {
                    let found = timeout(dialer.connect, dialer.resolver.resolve(&host)).await;
                    Happened::Resolved(stream, found.unwrap_or(Err(DialError::TimedOut)))
                }));
            }
            Output::Identify(asked) => self.identify(asked),
            Output::Dial(dial) => self.dial(dial),
            Output::Invoke(invoke) => self.invoke(invoke),
            Output::Claimed(token) => self.claimed(token),
            Output::Join(id, token) => self.join(id, token),
            Output::ClientTls(request) => {
                let minter = self.gateway.minter.clone();
                let Some(client) = self.client.take() else { return };
                self.work.push(Box::pin(async move {
                    match flushed(client).await {
                        Some(stream) => Happened::ClientTls(minter.accept(request, stream).await),
                        None => Happened::ClientTls(None),
                    }
                }));
            }
            Output::Associate(known) => self.associate(known),
            Output::Capsules(asked) => self.relay_capsules(asked),
            Output::Splice(splice) => self.splice = Some(splice),
            Output::Park(id, resting) => self.park(id, resting),
            Output::Branch(branch) => self.branch(*branch),
            Output::Close(Id::Client, close) => {
                // What is still to be said goes before the end.
                if let Some(client) = &mut self.client {
                    self.session.poll_output(Id::Client, &mut self.pieces);
                    client.queue(&mut self.pieces);
                    client.close(close);
                }
            }
            Output::Close(Id::Origin(id), close) => self.close_origin(id, close),
            Output::Shutdown(Id::Client) => {
                if let Some(client) = &mut self.client {
                    client.shut_down();
                }
            }
            Output::Shutdown(Id::Origin(id)) => {
                if let Some(origin) = self.origins.iter_mut().find(|origin| origin.id == id) {
                    origin.wire.shut_down();
                }
            }
            Output::Scan(stream, scan, input) => {
                let outlet = self.records.outlet();
                self.scans.give(&self.gateway.scanners, outlet, (stream, scan), input);
            }
            Output::Detached(stream, scan, late) => self.scans.detach(stream, scan, *late),
            Output::Adapt(stream, leg, input) => {
                self.adaptations.give(&self.gateway.icap, stream, leg, input);
            }
            Output::Defer(stream, input) => {
                self.deferring.give(&self.gateway.downloads, stream, input);
            }
            Output::Pickup(stream, input) => self.pick_up(stream, input),
            Output::Again => self.again = true,
            Output::Record(record) => self.records.push(record),
            Output::Quarantine(kept) => self.gateway.quarantine.keep(*kept, self.records.outlet()),
            _ => {}
        }
    }

    /// Finds out whose credentials those are; mostly that is known.
    fn identify(&mut self, asked: Identify) {
        let (gateway, stream) = (self.gateway.clone(), asked.stream);
        let method = Method::of(asked.credentials.scheme());
        if let Some(answer) = gateway.identifier.remembered(&asked.credentials) {
            gateway.sinks.metrics().attempted(method, Outcome::of(&answer));
            self.work.push(Box::pin(std::future::ready(Happened::Identified(stream, answer))));
            return;
        }
        self.work.push(Box::pin(async move {
            let answer = gateway.identifier.clone().identify(asked).await;
            gateway.sinks.metrics().attempted(method, Outcome::of(&answer));
            Happened::Identified(stream, answer)
        }));
    }

    /// Begins a relay once everything before it has been written.
    fn start_relay(&mut self) {
        let Some(splice) = self.splice else { return };
        let written = |wire: &Wire| wire.pending_bytes() == 0;
        let ready = self.client.as_ref().is_some_and(written)
            && self.origins.iter().any(|o| o.id == splice.origin && written(&o.wire));
        if ready
            && let Some(client) = self.client.take()
            && let Some(origin) = self.remove(splice.origin)
        {
            self.splice = None;
            let (client, origin) = (client.into_stream(), origin.wire.into_stream());
            let present = self.gateway.sinks.metrics().tunnel();
            self.relay = Some(Box::new(Relay::new(client, origin, splice.idle, present)));
        }
    }
}

/// Writes what waits, and gives the stream.
pub(super) async fn flushed(mut wire: Wire) -> Option<Stream> {
    poll_fn(|context| wire.poll_write(context)).await.ok()?;
    Some(wire.into_stream())
}
