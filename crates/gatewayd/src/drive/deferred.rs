//! Responses of one session for which pages stand at its client, and downloads that it hands out. A session
//! without any pays nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gateway_h1h2::{Event, StreamId};
use gateway_proxy::{DeferInput, DeferReport, PickupInput};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::session::{Driver, Happened};
use crate::downloads::{Delivery, Downloads, fetch};

/// Those that are fetched and those that are handed out.
///
/// Their queues have no bound of their own: the session sends no more than has been taken.
#[derive(Default)]
pub(super) struct Deferring {
    fetched: Vec<(StreamId, UnboundedSender<DeferInput>)>,
    reports: Option<(UnboundedSender<Report>, UnboundedReceiver<Report>)>,
    handed_out: Vec<(StreamId, Delivery)>,
}

type Report = (StreamId, DeferReport);

impl Deferring {
    /// Gives `input` to whoever keeps the response of `stream`; the first one begins it.
    pub(super) fn give(&mut self, downloads: &Arc<Downloads>, stream: StreamId, input: DeferInput) {
        let DeferInput::Open(about) = input else {
            let is_last = matches!(
                input,
                DeferInput::Event(Event::End | Event::Reset(_)) | DeferInput::Cancel
            );
            if let Some((_, inputs)) = self.fetched.iter().find(|(of, _)| *of == stream) {
                // One that has failed takes nothing more.
                let _ = inputs.send(input);
            }
            if is_last {
                self.fetched.retain(|(of, _)| *of != stream);
            }
            return;
        };
        let (reports, _) = self.reports.get_or_insert_with(unbounded_channel);
        let reports = reports.clone();
        let tell = move |report| {
            // A session that is gone wants to know nothing more.
            let _ = reports.send((stream, report));
        };
        let Some(opened) = downloads.open(*about) else {
            return tell(DeferReport::Unavailable);
        };
        tell(DeferReport::Opened(opened.ticket));
        let (sender, inputs) = unbounded_channel();
        self.fetched.push((stream, sender));
        tokio::spawn(fetch(downloads.clone(), opened, inputs, tell));
    }

    /// What is said next.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Report> {
        let Some((_, reports)) = &mut self.reports else { return Poll::Pending };
        // One sender is kept here.
        std::task::ready!(reports.poll_recv(context)).map_or(Poll::Pending, Poll::Ready)
    }
}

impl Driver {
    /// Looks for a download, or reads on in it.
    pub(super) fn pick_up(&mut self, stream: StreamId, input: PickupInput) {
        let happens: Pin<Box<dyn Future<Output = Happened> + Send>> = match input {
            PickupInput::Ask(ticket, waiter) => {
                let (report, delivery) = self.gateway.downloads.ask(ticket, &waiter);
                self.deferring.handed_out.extend(delivery.map(|delivery| (stream, delivery)));
                Box::pin(std::future::ready(Happened::Picked(stream, report)))
            }
            PickupInput::More => {
                let mut deliveries = self.deferring.handed_out.iter_mut();
                let Some((_, delivery)) = deliveries.find(|(of, _)| *of == stream) else { return };
                let next = delivery.next();
                Box::pin(async move { Happened::Picked(stream, next.await) })
            }
            _ => return self.deferring.handed_out.retain(|(of, _)| *of != stream),
        };
        self.work.push(happens);
    }
}
