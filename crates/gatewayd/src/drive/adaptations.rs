//! The exchanges of one session with services that may change its messages. A session without any
//! pays nothing.

use std::task::{Context, Poll};

use gateway_h1h2::StreamId;
use gateway_proxy::transaction::Leg;
use gateway_proxy::{AdaptInput, AdaptReport};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::icap::{Report, Reports, Services};

/// The exchanges that run, and what they say.
///
/// Their queues have no bound of their own: the machines hand out, and the exchanges hand in, no
/// more than is allowed to wait.
#[derive(Default)]
pub(super) struct Adaptations {
    running: Vec<((StreamId, Leg), UnboundedSender<AdaptInput>)>,
    reports: Option<(UnboundedSender<Report>, UnboundedReceiver<Report>)>,
}

impl Adaptations {
    /// Gives `input` to an exchange; the first one, an offer, begins it.
    pub(super) fn give(
        &mut self,
        services: &Services,
        stream: StreamId,
        leg: Leg,
        input: AdaptInput,
    ) {
        let of = (stream, leg);
        if input == AdaptInput::Cancel {
            return self.running.retain(|(running, _)| *running != of);
        }
        if let AdaptInput::Offer(offer) = &input {
            let (reports, _) = self.reports.get_or_insert_with(unbounded_channel);
            let (sender, inputs) = unbounded_channel();
            services.adapt(offer.adapter, inputs, Reports { of, to: reports.clone() });
            self.running.push((of, sender));
        }
        if let Some((_, inputs)) = self.running.iter().find(|(running, _)| *running == of) {
            // One that has said its last word takes nothing more.
            let _ = inputs.send(input);
        }
    }

    /// What an exchange says next.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Report> {
        let Some((_, reports)) = &mut self.reports else { return Poll::Pending };
        match std::task::ready!(reports.poll_recv(context)) {
            Some(report) => {
                if is_last(&report.2) {
                    self.running.retain(|(running, _)| *running != (report.0, report.1));
                }
                Poll::Ready(report)
            }
            // One sender is kept here.
            None => Poll::Pending,
        }
    }
}

/// Whether an exchange says nothing more after this.
const fn is_last(report: &AdaptReport) -> bool {
    matches!(
        report,
        AdaptReport::Unmodified
            | AdaptReport::Declined
            | AdaptReport::End
            | AdaptReport::Original(_)
            | AdaptReport::Failed(_)
    )
}
