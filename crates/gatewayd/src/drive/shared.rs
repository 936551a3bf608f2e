//! Origin connections that many sessions of a thread use at the same time: who has which, and the
//! loop that runs one.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_proxy::{
    Close, Dialed, LaneId, OriginKey, Policy, Resting, Shared, SharedInput, SharedOutput,
};
use tokio::time::{Sleep, sleep_until};

use super::lanes::{Inbox, Lane, Letter, Outbox};
use super::parting::let_go;
use super::stream::Stream;
use super::wire::{Wire, Written};

/// How long an origin may take to read what it is sent last.
const LAST_BYTES: Duration = Duration::from_secs(10);

/// The shared connections, by what makes them interchangeable.
#[derive(Debug)]
pub(crate) struct SharedOrigins {
    open: Mutex<Option<HashMap<OriginKey, Vec<Entry>>>>,
    keep: Duration,
}

#[derive(Debug)]
struct Entry {
    thread: ThreadId,
    dialed: Dialed,
    inbox: Arc<Inbox>,
}

impl SharedOrigins {
    /// None yet; one that no session uses is kept for `keep`.
    pub(crate) fn new(keep: Duration) -> Self {
        Self { open: Mutex::new(Some(HashMap::new())), keep }
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<OriginKey, Vec<Entry>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place on a connection of this thread that leads to one of `addresses`, if there are any.
    pub(super) fn join(&self, key: &OriginKey, addresses: &[IpAddr]) -> Option<(Dialed, Lane)> {
        let open = self.lock();
        let here = thread::current().id();
        let mut entries = open.as_ref()?.get(key)?.iter().rev();
        entries.find_map(|entry| {
            let ip = entry.dialed.peer.ip();
            let fits = entry.thread == here && (addresses.is_empty() || addresses.contains(&ip));
            let place = fits.then(|| entry.inbox.join()).flatten()?;
            let dialed = Dialed { reused: true, connect: Duration::ZERO, ..entry.dialed.clone() };
            Some((dialed, place))
        })
    }

    /// Runs a connection for all sessions of this thread, and gives the first of them its place.
    pub(super) fn run(
        self: &Arc<Self>,
        key: OriginKey,
        policy: &Policy,
        dialed: &Dialed,
        stream: Stream,
        resting: Option<Resting>,
    ) -> Option<Lane> {
        let now = Instant::now();
        let machine = Shared::new(policy, dialed, resting, self.keep, now);
        let inbox = Arc::<Inbox>::default();
        inbox.set_places(machine.places());
        let place = inbox.join()?;
        {
            let mut open = self.lock();
            let entry = Entry {
                thread: thread::current().id(),
                dialed: dialed.clone(),
                inbox: inbox.clone(),
            };
            // Where all are to end, it serves those that have it.
            if let Some(open) = open.as_mut() {
                open.entry(key.clone()).or_default().push(entry);
            }
        }
        let hub = Hub {
            machine,
            wire: Wire::new(stream),
            inbox,
            letters: VecDeque::new(),
            sessions: BTreeMap::new(),
            pieces: Vec::new(),
            timer: None,
            closing_since: None,
        };
        tokio::spawn(run(self.clone(), key, hub));
        Some(place)
    }

    fn remove(&self, key: &OriginKey, inbox: &Arc<Inbox>) {
        let mut open = self.lock();
        let Some(open) = open.as_mut() else { return };
        if let Some(entries) = open.get_mut(key) {
            entries.retain(|entry| !Arc::ptr_eq(&entry.inbox, inbox));
            if entries.is_empty() {
                open.remove(key);
            }
        }
    }

    /// Lets all end what is in progress, and begin nothing more.
    pub(crate) fn close(&self) {
        for entry in self.lock().take().into_iter().flat_map(HashMap::into_values).flatten() {
            entry.inbox.leave(SharedInput::Drain);
        }
    }
}

/// One connection.
struct Hub {
    machine: Shared,
    wire: Wire,
    inbox: Arc<Inbox>,
    letters: VecDeque<Letter>,
    sessions: BTreeMap<LaneId, Arc<Outbox>>,
    /// Reused between turns.
    pieces: Vec<Bytes>,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
    closing_since: Option<Instant>,
}

async fn run(origins: Arc<SharedOrigins>, key: OriginKey, mut hub: Hub) {
    let mut listed = true;
    let close = loop {
        let over = poll_fn(|context| hub.poll(context)).await;
        if listed && hub.machine.places() == 0 {
            listed = false;
            origins.remove(&key, &hub.inbox);
        }
        if let Some(close) = over {
            break close;
        }
    };
    origins.remove(&key, &hub.inbox);
    // Who joined at the last moment is told so.
    hub.read_letters(&Context::from_waker(std::task::Waker::noop()));
    let_go(hub.wire.into_stream(), close);
}

impl Hub {
    /// Goes on for as long as there is something to do; ready when its end is near, or here.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Close>> {
        let listed = self.machine.places() > 0;
        loop {
            self.read_letters(context);
            match self.poll_write(context) {
                Poll::Ready(Ok(Written::Closed(close))) => return Poll::Ready(Some(close)),
                Poll::Ready(Err(_)) => {
                    self.give(SharedInput::End);
                    return Poll::Ready(Some(Close::Abort));
                }
                Poll::Ready(Ok(Written::All)) | Poll::Pending => {}
            }
            if self.wire.can_be_read()
                && self.machine.wants_input()
                && let Poll::Ready(read) = self.wire.poll_read(context, usize::MAX)
            {
                match read {
                    Ok(bytes) if !bytes.is_empty() => self.give(SharedInput::Bytes(bytes)),
                    Ok(_) | Err(_) => self.give(SharedInput::End),
                }
                continue;
            }
            if listed && self.machine.places() == 0 {
                return Poll::Ready(None);
            }
            if self.poll_timer(context).is_pending() {
                return Poll::Pending;
            }
            if self.closing_since.is_some_and(|since| since.elapsed() >= LAST_BYTES) {
                return Poll::Ready(Some(Close::Abort));
            }
            self.give(SharedInput::Timeout);
        }
    }

    fn read_letters(&mut self, context: &Context<'_>) {
        self.inbox.take(&mut self.letters, context);
        if self.letters.is_empty() {
            return;
        }
        let sessions = &mut self.sessions;
        let inputs = self.letters.drain(..).map(|letter| match letter {
            Letter::Join(lane, outbox) => {
                sessions.insert(lane, outbox);
                SharedInput::Join(lane)
            }
            Letter::Input(input) => {
                if let SharedInput::Leave(lane) = &input {
                    sessions.remove(lane);
                }
                input
            }
        });
        self.machine.handle(inputs, Instant::now());
        self.carry_out();
    }

    fn give(&mut self, input: SharedInput) {
        self.machine.handle([input], Instant::now());
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.machine.poll() {
            match output {
                SharedOutput::Report(lane, exchange, report) => {
                    if let Some(session) = self.sessions.get(&lane) {
                        session.leave(exchange, report);
                    }
                }
                SharedOutput::Close(close) => {
                    self.machine.poll_output(&mut self.pieces);
                    self.wire.queue(&mut self.pieces);
                    self.wire.close(close);
                    self.closing_since = Some(Instant::now());
                }
                _ => {}
            }
        }
        self.inbox.set_places(self.machine.places());
    }

    /// Writes what there is, as far as the origin takes it.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<Written>> {
        loop {
            while self.wire.has_room() && self.machine.poll_output(&mut self.pieces) > 0 {
                self.wire.queue(&mut self.pieces);
            }
            self.carry_out();
            let written = self.wire.poll_write(context);
            if !matches!(written, Poll::Ready(Ok(Written::All))) || !self.wire.takes_again() {
                return written;
            }
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let closing = self.closing_since.map(|since| since + LAST_BYTES);
        let Some(deadline) = closing.or_else(|| self.machine.deadline()) else {
            return Poll::Pending;
        };
        match &mut self.timer {
            Some((at, _)) if *at <= deadline => {}
            timer => *timer = Some((deadline, Box::pin(sleep_until(deadline.into())))),
        }
        let Some((_, sleep)) = &mut self.timer else { return Poll::Pending };
        sleep.as_mut().poll(context).map(|()| self.timer = None)
    }
}
