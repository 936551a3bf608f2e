//! Drives `gateway_av::clamd` over sockets: a pool of connections, a cap on scans, time-outs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_av::clamd::{Connection, Limits, Reply};
use gateway_proxy::{ScanFailure, ScanInput, ScanReport, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::Reports;
use super::breaker::Breaker;
use super::connect::connect;
use crate::config::Endpoint;
use crate::drive::Stream;

/// How long an idle connection is kept; clamd closes one after 30 s (`IdleTimeout`) by default.
const KEEP: Duration = Duration::from_secs(10);
/// Bytes kept to be sent once more if a kept connection turns out to be dead.
const REPLAY_BYTES_MAX: usize = 64 << 10;

/// A ClamAV daemon.
#[derive(Debug)]
pub(crate) struct Clamd {
    endpoint: Endpoint,
    times: Times,
    turns: Semaphore,
    breaker: Breaker,
    idle: Mutex<Vec<Kept>>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// For a turn, and for a connection.
    pub(crate) connect: Duration,
    /// For bytes to be taken.
    pub(crate) send: Duration,
    /// For the verdict.
    pub(crate) answer: Duration,
}

#[derive(Debug)]
struct Kept {
    stream: Stream,
    connection: Connection,
    since: Instant,
}

/// A connection in use.
struct Used {
    stream: Stream,
    connection: Connection,
    /// Whether it was used before.
    kept: bool,
}

/// How a scan on one connection ended.
enum Ended {
    With(Reply),
    Failed(ScanFailure),
    Cancelled,
}

impl Clamd {
    /// The daemon at `endpoint`, which is given at most `scans_max` scans at a time.
    pub(crate) fn new(endpoint: Endpoint, scans_max: usize, times: Times) -> Self {
        let (turns, breaker) = (Semaphore::new(scans_max), Breaker::default());
        Self { endpoint, times, turns, breaker, idle: Mutex::default() }
    }

    /// Runs one scan to its end, or until nobody waits for it any more.
    pub(super) async fn scan(&self, mut inputs: UnboundedReceiver<ScanInput>, reports: Reports) {
        if !self.breaker.lets(Instant::now()) {
            return reports.say(ScanReport::Verdict(Verdict::Failed(ScanFailure::Unreachable)));
        }
        let verdict = match timeout(self.times.connect, self.turns.acquire()).await {
            Ok(Ok(_turn)) => self.attempt(&mut inputs, &reports).await,
            Ok(Err(_)) | Err(_) => Some(Verdict::Failed(ScanFailure::Busy)),
        };
        if let Some(verdict) = &verdict {
            let failure = match verdict {
                Verdict::Failed(failure) => Some(*failure),
                _ => None,
            };
            self.breaker.note(failure, Instant::now());
        }
        if let Some(verdict) = verdict {
            reports.say(ScanReport::Verdict(verdict));
        }
    }

    async fn attempt(
        &self,
        inputs: &mut UnboundedReceiver<ScanInput>,
        reports: &Reports,
    ) -> Option<Verdict> {
        let mut sent = Sent::default();
        let mut used = match self.idle() {
            Some(used) => used,
            None => match self.connect().await {
                Ok(used) => used,
                Err(failure) => return Some(Verdict::Failed(failure)),
            },
        };
        let mut ended = self.run(&mut used, inputs, reports, &mut sent).await;
        if matches!(ended, Ended::Failed(ScanFailure::Broken)) && used.kept && sent.whole {
            // The daemon had closed it, or was started anew, in the meantime.
            used = match self.connect().await {
                Ok(used) => used,
                Err(failure) => return Some(Verdict::Failed(failure)),
            };
            ended = self.run(&mut used, inputs, reports, &mut sent).await;
        }
        let verdict = match ended {
            Ended::With(reply) => verdict(reply),
            Ended::Failed(failure) => Verdict::Failed(failure),
            Ended::Cancelled => return None,
        };
        if used.connection.is_idle() {
            self.keep(used);
        }
        Some(verdict)
    }

    /// One scan on one connection: what was sent before, then what comes.
    async fn run(
        &self,
        used: &mut Used,
        inputs: &mut UnboundedReceiver<ScanInput>,
        reports: &Reports,
        sent: &mut Sent,
    ) -> Ended {
        if used.connection.begin_scan().is_err() {
            return Ended::Failed(ScanFailure::Garbled);
        }
        for bytes in sent.bytes.clone() {
            if let Some(ended) = self.send(used, Some(bytes)).await {
                return ended;
            }
        }
        while !sent.ended {
            match inputs.recv().await {
                Some(ScanInput::Data(bytes)) => {
                    let length = bytes.len() as u64;
                    sent.keep(&bytes);
                    if let Some(ended) = self.send(used, Some(bytes)).await {
                        return ended;
                    }
                    reports.say(ScanReport::Taken(length));
                }
                Some(ScanInput::End) => sent.ended = true,
                Some(_) | None => return Ended::Cancelled,
            }
        }
        if let Some(ended) = self.send(used, None).await {
            return ended;
        }
        let answer = async {
            loop {
                match receive(used).await {
                    Ok(None) => {}
                    Ok(Some(reply)) => return Ended::With(reply),
                    Err(failure) => return Ended::Failed(failure),
                }
            }
        };
        tokio::select! {
            answer = timeout(self.times.answer, answer) => {
                answer.unwrap_or(Ended::Failed(ScanFailure::TimedOut))
            }
            // The session is gone, or wants it no more.
            _ = inputs.recv() => Ended::Cancelled,
        }
    }

    /// Sends the next bytes, or the end; an answer that comes first ends the scan.
    async fn send(&self, used: &mut Used, bytes: Option<Bytes>) -> Option<Ended> {
        let queued = match bytes {
            Some(bytes) => used.connection.scan(bytes),
            None => used.connection.end_scan(),
        };
        if queued.is_err() {
            return Some(Ended::Failed(ScanFailure::Garbled));
        }
        while let Some(bytes) = used.connection.poll_output() {
            let written = timeout(self.times.send, used.stream.write_all(&bytes)).await;
            match written {
                Ok(Ok(())) => {}
                Err(_) => return Some(Ended::Failed(ScanFailure::TimedOut)),
                // What it said before it closed tells more than that it did.
                Ok(Err(_)) => {
                    return Some(match timeout(self.times.answer, receive(used)).await {
                        Ok(Ok(Some(reply))) => Ended::With(reply),
                        Ok(Ok(None) | Err(_)) | Err(_) => Ended::Failed(ScanFailure::Broken),
                    });
                }
            }
        }
        None
    }

    async fn connect(&self) -> Result<Used, ScanFailure> {
        match timeout(self.times.connect, connect(&self.endpoint)).await {
            Ok(Ok(stream)) => {
                Ok(Used { stream, connection: Connection::new(Limits::default()), kept: false })
            }
            Ok(Err(_)) | Err(_) => Err(ScanFailure::Unreachable),
        }
    }

    /// A connection that is still alive: the one used last.
    fn idle(&self) -> Option<Used> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(Kept { mut stream, connection, since }) = idle.pop() {
            if since.elapsed() < KEEP && stream.is_quiet() {
                return Some(Used { stream, connection, kept: true });
            }
        }
        None
    }

    fn keep(&self, used: Used) {
        let Used { stream, connection, .. } = used;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|kept| kept.since.elapsed() < KEEP);
        idle.push(Kept { stream, connection, since: Instant::now() });
    }
}

/// What was sent, as long as it is little.
#[derive(Default)]
struct Sent {
    bytes: Vec<Bytes>,
    length: usize,
    whole: bool,
    begun: bool,
    ended: bool,
}

impl Sent {
    fn keep(&mut self, bytes: &Bytes) {
        self.length = self.length.saturating_add(bytes.len());
        self.whole = self.length <= REPLAY_BYTES_MAX && (self.whole || !self.begun);
        self.begun = true;
        if self.whole {
            self.bytes.push(bytes.clone());
        } else {
            self.bytes.clear();
        }
    }
}

/// Reads once; gives the answer if it is complete.
async fn receive(used: &mut Used) -> Result<Option<Reply>, ScanFailure> {
    let mut bytes = [0; 512];
    match used.stream.read(&mut bytes).await {
        Ok(0) | Err(_) => Err(ScanFailure::Broken),
        Ok(read) => used
            .connection
            .receive(bytes.get(..read).unwrap_or_default())
            .map_err(|_| ScanFailure::Garbled),
    }
}

fn verdict(reply: Reply) -> Verdict {
    match reply {
        Reply::Clean => Verdict::Clean,
        Reply::Found(name) => Verdict::Found(name),
        Reply::TooLarge => Verdict::Failed(ScanFailure::TooLarge),
        Reply::Unscanned(name) if name.contains("Encrypted") => {
            Verdict::Failed(ScanFailure::Encrypted)
        }
        Reply::Unscanned(_) => Verdict::Failed(ScanFailure::TooLarge),
        Reply::Refused(_) => Verdict::Failed(ScanFailure::Refused),
        _ => Verdict::Failed(ScanFailure::Garbled),
    }
}
