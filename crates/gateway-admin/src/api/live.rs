//! Records as they come, as server-sent events (HTML Standard, section 9.2). Who reads too slowly
//! misses records and is told how many.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use gateway_log::{JsonLines, Limits, Record};
use http_body::Frame;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::State;
use crate::Subscription;
use crate::problem::Problem;

pub(super) async fn live(shared: State) -> Result<Response, Problem> {
    let subscription = shared.parts.feed.subscribe().ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "as many watch as may at a time")
    })?;
    let body = Body::new(Events::new(subscription));
    Ok(([(CONTENT_TYPE, "text/event-stream")], body).into_response())
}

/// The events of one who watches.
struct Events {
    subscription: Subscription,
    /// Ticks where nothing else is to be said, so that a dead connection shows.
    quiet: Interval,
    begun: bool,
}

/// Records of one piece of the body.
const RECORDS_AT_ONCE: usize = 64;
/// How often something is said.
const QUIET: Duration = Duration::from_secs(15);

impl Events {
    fn new(subscription: Subscription) -> Self {
        let mut quiet = interval(QUIET);
        quiet.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { subscription, quiet, begun: false }
    }
}

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut piece = Vec::new();
        if !self.begun {
            self.begun = true;
            piece.extend_from_slice(b"retry: 2000\n\n");
        }
        let missed = self.subscription.take_missed();
        if missed > 0 {
            piece.extend_from_slice(
                format!("event: dropped\ndata: {{\"records\":{missed}}}\n\n").as_bytes(),
            );
        }
        for _ in 0..RECORDS_AT_ONCE {
            match self.subscription.records.poll_recv(cx) {
                Poll::Ready(Some(record)) => write_event(&record, &mut piece),
                Poll::Ready(None) if piece.is_empty() => return Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        if piece.is_empty() {
            if self.quiet.poll_tick(cx).is_pending() {
                return Poll::Pending;
            }
            piece.extend_from_slice(b":\n\n");
        }
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }
}

/// A record is one line of JSON, whatever it holds.
fn write_event(record: &Arc<Record>, piece: &mut Vec<u8>) {
    piece.extend_from_slice(b"event: record\ndata: ");
    JsonLines::new(Limits::default()).encode(record, piece);
    piece.push(b'\n');
}
