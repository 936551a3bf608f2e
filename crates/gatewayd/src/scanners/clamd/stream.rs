//! One body that streams to the daemon over a connection of its own. What the daemon says while it is
//! written to, such as that this is too much, is heard at once and ends the scan.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use gateway_av::clamd::{Connection, Limits, Reply};
use gateway_proxy::{ScanFailure, ScanInput, ScanReport};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::super::Reports;
use super::{Ended, Times};
use crate::drive::Stream;

/// What happened next.
enum Happened {
    Input(Option<ScanInput>),
    Wire(io::Result<Wire>),
    Due,
}

/// What happened on the connection.
pub(super) enum Wire {
    Wrote,
    /// So many bytes came; 0 is its end.
    Read(usize),
}

/// Scans `begin` and what comes behind it.
pub(super) async fn scan(
    mut stream: Stream,
    begin: Vec<Bytes>,
    inputs: &mut UnboundedReceiver<ScanInput>,
    reports: &Reports,
    times: Times,
) -> Result<Reply, Ended> {
    let garbled = |_| Ended::Failed(ScanFailure::Garbled);
    let mut connection = Connection::new(Limits::default());
    connection.begin_scan().map_err(garbled)?;
    for bytes in begin {
        connection.scan(bytes).map_err(garbled)?;
    }
    let (mut out, mut read) = (VecDeque::new(), BytesMut::new());
    // Bytes that were given and are not yet written.
    let (mut given, mut ended) = (0, false);
    let mut moved = Instant::now();
    loop {
        while let Some(bytes) = connection.poll_output() {
            out.push_back(bytes);
        }
        if out.is_empty() && given > 0 {
            reports.say(ScanReport::Taken(std::mem::take(&mut given)));
        }
        let patience = match (out.is_empty(), ended) {
            (false, _) => Some(times.send),
            (true, true) => Some(times.answer),
            // It is the sender's turn.
            (true, false) => None,
        };
        let happened = tokio::select! {
            biased;
            wire = poll_fn(|context| poll(&mut stream, context, &mut out, &mut read)) => Happened::Wire(wire),
            input = inputs.recv(), if out.is_empty() || ended => Happened::Input(input),
            () = until(patience.map(|patience| moved + patience)), if patience.is_some() => Happened::Due,
        };
        moved = Instant::now();
        match happened {
            Happened::Input(Some(ScanInput::Data(bytes))) if !ended => {
                given += bytes.len() as u64;
                connection.scan(bytes).map_err(garbled)?;
            }
            Happened::Input(Some(ScanInput::End)) if !ended => {
                ended = true;
                connection.end_scan().map_err(garbled)?;
            }
            Happened::Input(_) => return Err(Ended::Cancelled),
            Happened::Wire(Ok(Wire::Wrote)) => {}
            Happened::Wire(Ok(Wire::Read(0)) | Err(_)) => {
                return Err(Ended::Failed(ScanFailure::Broken));
            }
            Happened::Wire(Ok(Wire::Read(_))) => {
                connection.receive(&read.split()).map_err(garbled)?;
                if let Some((_, reply)) = connection.poll_reply() {
                    return Ok(reply);
                }
            }
            Happened::Due => return Err(Ended::Failed(ScanFailure::TimedOut)),
        }
    }
}

/// Reads, and writes of `out` what the connection takes. What has come is told before a write that fails:
/// what the other end said before it closed tells more than that it did.
pub(super) fn poll(
    stream: &mut Stream,
    context: &mut Context<'_>,
    out: &mut VecDeque<Bytes>,
    read: &mut BytesMut,
) -> Poll<io::Result<Wire>> {
    read.reserve(512);
    if let Poll::Ready(came) = stream.poll_read_into(context, read) {
        return Poll::Ready(came.map(Wire::Read));
    }
    if out.is_empty() {
        return Poll::Pending;
    }
    match stream.poll_write_from(context, out) {
        Poll::Ready(Ok(_)) => Poll::Ready(Ok(Wire::Wrote)),
        // It is read on: an answer, or the end.
        Poll::Ready(Err(_)) => {
            out.clear();
            stream.poll_read_into(context, read).map(|came| came.map(Wire::Read))
        }
        Poll::Pending => Poll::Pending,
    }
}

/// Waits until then; for ever if that is never.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
