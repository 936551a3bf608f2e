//! The scans of one session by scanners outside. A session without any pays nothing.

use std::task::{Context, Poll};

use gateway_h1h2::StreamId;
use gateway_proxy::{ScanId, ScanInput};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::scanners::{Report, Reports, Scanners};

/// The scans that run, and what they say.
///
/// Their queues have no bound of their own: the machines hand out no more than they allow to wait.
#[derive(Default)]
pub(super) struct Scans {
    running: Vec<((StreamId, ScanId), UnboundedSender<ScanInput>)>,
    reports: Option<(UnboundedSender<Report>, UnboundedReceiver<Report>)>,
}

impl Scans {
    /// Gives `input` to a scan; the first one begins it.
    pub(super) fn give(
        &mut self,
        scanners: &Scanners,
        stream: StreamId,
        scan: ScanId,
        input: ScanInput,
    ) {
        let of = (stream, scan);
        if input == ScanInput::Cancel {
            return self.running.retain(|(running, _)| *running != of);
        }
        if let Some((_, inputs)) = self.running.iter().find(|(running, _)| *running == of) {
            // One that has said its last word takes nothing more.
            let _ = inputs.send(input);
            return;
        }
        let (reports, _) = self.reports.get_or_insert_with(unbounded_channel);
        let (sender, inputs) = unbounded_channel();
        let _ = sender.send(input);
        scanners.scan(scan.scanner, inputs, Reports { of, to: reports.clone() });
        self.running.push((of, sender));
    }

    /// What a scan says next.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Report> {
        let Some((_, reports)) = &mut self.reports else { return Poll::Pending };
        match std::task::ready!(reports.poll_recv(context)) {
            Some(report) => {
                if matches!(report.2, gateway_proxy::ScanReport::Verdict(_)) {
                    self.running.retain(|(running, _)| *running != (report.0, report.1));
                }
                Poll::Ready(report)
            }
            // One sender is kept here.
            None => Poll::Pending,
        }
    }
}
