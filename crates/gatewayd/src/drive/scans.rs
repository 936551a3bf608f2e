//! The scans of one session by scanners outside. A session without any pays nothing.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use gateway_h1h2::StreamId;
use gateway_proxy::{Late, ScanId, ScanInput, ScanReport};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::scanners::{Report, Reports, Scanners};
use crate::serve::Outlet;

/// The scans that run, and what they say.
///
/// Their queues have no bound of their own: the machines hand out no more than they allow to wait.
#[derive(Default)]
pub(super) struct Scans {
    running: Vec<Running>,
    reports: Option<(UnboundedSender<Report>, UnboundedReceiver<Report>)>,
}

struct Running {
    of: (StreamId, ScanId),
    inputs: UnboundedSender<ScanInput>,
    /// Where it is told that it goes on by itself, if it may.
    later: Option<oneshot::Sender<Detached>>,
}

/// A scan that goes on by itself.
struct Detached {
    late: Late,
    /// A scan ends when nobody can give it anything any more.
    _inputs: UnboundedSender<ScanInput>,
}

impl Scans {
    /// Gives `input` to a scan; the first one begins it.
    pub(super) fn give(
        &mut self,
        scanners: &Scanners,
        outlet: &Arc<Outlet>,
        (stream, scan): (StreamId, ScanId),
        input: ScanInput,
    ) {
        let of = (stream, scan);
        if input == ScanInput::Cancel {
            return self.running.retain(|running| running.of != of);
        }
        if let Some(running) = self.running.iter().find(|running| running.of == of) {
            // One that has said its last word takes nothing more.
            let _ = running.inputs.send(input);
            return;
        }
        let (reports, _) = self.reports.get_or_insert_with(unbounded_channel);
        let (sender, inputs) = unbounded_channel();
        let _ = sender.send(input);
        let mut later = None;
        let to = match scanners.may_come_later(scan.scanner) {
            false => reports.clone(),
            true => {
                let (to, said) = unbounded_channel();
                let (sender, detached) = oneshot::channel();
                later = Some(sender);
                tokio::spawn(follow(said, reports.clone(), detached, outlet.clone()));
                to
            }
        };
        scanners.scan(scan.scanner, inputs, Reports { of, to });
        self.running.push(Running { of, inputs: sender, later });
    }

    /// A scan goes on when all else of its stream has ended.
    pub(super) fn detach(&mut self, stream: StreamId, scan: ScanId, late: Late) {
        let Some(at) = self.running.iter().position(|running| running.of == (stream, scan)) else {
            return;
        };
        let Running { inputs, later, .. } = self.running.swap_remove(at);
        if let Some(later) = later {
            // Where nobody follows it any more it has ended without a word.
            let _ = later.send(Detached { late, _inputs: inputs });
        }
    }

    /// What a scan says next.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Report> {
        let Some((_, reports)) = &mut self.reports else { return Poll::Pending };
        match std::task::ready!(reports.poll_recv(context)) {
            Some(report) => {
                if matches!(report.2, ScanReport::Verdict(_)) {
                    self.running.retain(|running| running.of != (report.0, report.1));
                }
                Poll::Ready(report)
            }
            // One sender is kept here.
            None => Poll::Pending,
        }
    }
}

/// Hands on what a scan says, and tells of its verdict if nobody has waited for it.
async fn follow(
    mut said: UnboundedReceiver<Report>,
    to: UnboundedSender<Report>,
    detached: oneshot::Receiver<Detached>,
    outlet: Arc<Outlet>,
) {
    while let Some(report) = said.recv().await {
        let verdict = match &report.2 {
            ScanReport::Verdict(verdict) => Some(verdict.clone()),
            _ => None,
        };
        // A session that is gone wants to know nothing more.
        let _ = to.send(report);
        let Some(verdict) = verdict else { continue };
        // The session has heard it in time, or says that it has not.
        if let Ok(Detached { late, .. }) = detached.await {
            let (scan, record) = late.conclude(&verdict, Instant::now());
            outlet.metrics().observe_late(&scan);
            if let Some(record) = record {
                outlet.submit(record);
            }
        }
        return;
    }
}
