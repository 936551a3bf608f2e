//! Drives `gateway_av::clamd` over sockets: a cap on scans, time-outs, and which way a body goes. What is
//! small, or a file, shares one connection with others ([`line`]); what is large and streams has one of
//! its own ([`stream`]).

mod line;
mod stream;

use std::fs::File;
use std::io::{Seek, Write};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_av::clamd::Reply;
use gateway_proxy::{ScanFailure, ScanInput, ScanReport, Verdict};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use self::line::{Content, Line};
use super::Reports;
use super::breaker::Breaker;
use super::connect::connect;
use crate::config::{Endpoint, Transfer};
use crate::drive::Stream;

/// Bytes that are gathered, so that a body that has no more shares a connection.
const GATHERED_BYTES_MAX: usize = 64 << 10;

/// A ClamAV daemon.
#[derive(Debug)]
pub(crate) struct Clamd {
    endpoint: Endpoint,
    transfer: Transfer,
    times: Times,
    turns: Semaphore,
    pub(super) breaker: Breaker,
    line: Line,
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

/// How a scan ended without a verdict.
enum Ended {
    Failed(ScanFailure),
    /// Nobody waits for it any more.
    Cancelled,
}

/// What has come of a body.
enum Gathered {
    /// All of it.
    Whole(Content),
    /// Its begin; there is more.
    Begin(Vec<Bytes>),
}

impl Clamd {
    /// The daemon at `endpoint`, which is given at most `scans_max` scans at a time.
    pub(crate) fn new(
        endpoint: Endpoint,
        transfer: Transfer,
        scans_max: usize,
        times: Times,
    ) -> Self {
        let (turns, breaker) = (Semaphore::new(scans_max), Breaker::default());
        Self { endpoint, transfer, times, turns, breaker, line: Line::default() }
    }

    /// Runs one scan to its end, or until nobody waits for it any more.
    pub(super) async fn scan(&self, mut inputs: UnboundedReceiver<ScanInput>, reports: Reports) {
        if !self.breaker.lets(Instant::now()) {
            return reports.say(ScanReport::Verdict(Verdict::Failed(ScanFailure::Resting)));
        }
        let verdict = match timeout(self.times.connect, self.turns.acquire()).await {
            Ok(Ok(_turn)) => match self.attempt(&mut inputs, &reports).await {
                Ok(reply) => verdict(reply),
                Err(Ended::Failed(failure)) => Verdict::Failed(failure),
                Err(Ended::Cancelled) => return,
            },
            Ok(Err(_)) | Err(_) => Verdict::Failed(ScanFailure::Busy),
        };
        let failure = match &verdict {
            Verdict::Failed(failure) => Some(*failure),
            _ => None,
        };
        self.breaker.note(failure, Instant::now());
        reports.say(ScanReport::Verdict(verdict));
    }

    async fn attempt(
        &self,
        inputs: &mut UnboundedReceiver<ScanInput>,
        reports: &Reports,
    ) -> Result<Reply, Ended> {
        let gathered = match self.transfer {
            Transfer::Stream => gather(inputs, reports).await?,
            Transfer::File => Gathered::Whole(spool(inputs, reports).await?),
        };
        match gathered {
            Gathered::Begin(begin) => {
                let stream = self.connect().await.map_err(Ended::Failed)?;
                stream::scan(stream, begin, inputs, reports, self.times).await
            }
            Gathered::Whole(content) => tokio::select! {
                reply = self.line.scan(content, self) => reply.map_err(Ended::Failed),
                // The session is gone, or wants it no more.
                _ = inputs.recv() => Err(Ended::Cancelled),
            },
        }
    }

    async fn connect(&self) -> Result<Stream, ScanFailure> {
        match timeout(self.times.connect, connect(&self.endpoint)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) | Err(_) => Err(ScanFailure::Unreachable),
        }
    }
}

/// What comes, up to its end or to more than is gathered.
async fn gather(
    inputs: &mut UnboundedReceiver<ScanInput>,
    reports: &Reports,
) -> Result<Gathered, Ended> {
    let (mut gathered, mut length) = (Vec::new(), 0);
    while length <= GATHERED_BYTES_MAX {
        match inputs.recv().await {
            Some(ScanInput::Data(bytes)) => {
                length = length.saturating_add(bytes.len());
                reports.say(ScanReport::Taken(bytes.len() as u64));
                gathered.push(bytes);
            }
            Some(ScanInput::End) => return Ok(Gathered::Whole(Content::Bytes(gathered))),
            Some(_) | None => return Err(Ended::Cancelled),
        }
    }
    Ok(Gathered::Begin(gathered))
}

/// All that comes, in a file that has no name. It is in memory: no more than `bytes_max` of each of
/// `scans_max` bodies.
async fn spool(
    inputs: &mut UnboundedReceiver<ScanInput>,
    reports: &Reports,
) -> Result<Content, Ended> {
    let refused = |_| Ended::Failed(ScanFailure::Busy);
    let name = c"gateway-scan";
    let memory = rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC);
    let mut file = File::from(memory.map_err(|error| refused(error.into()))?);
    loop {
        match inputs.recv().await {
            Some(ScanInput::Data(bytes)) => {
                file.write_all(&bytes).map_err(refused)?;
                reports.say(ScanReport::Taken(bytes.len() as u64));
            }
            Some(ScanInput::End) => {
                // The daemon may read from where the file stands.
                file.rewind().map_err(refused)?;
                return Ok(Content::File(file));
            }
            Some(_) | None => return Err(Ended::Cancelled),
        }
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
