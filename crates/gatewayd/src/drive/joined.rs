//! Responses that Workers have left as they were: the egress session that has begun one writes it
//! into memory instead, from its first byte on, and the session of the client reads it there.

use std::task::{Context, Poll};
use std::time::Duration;

use gateway_proxy::{FlowToken, Input, OriginId, Wire as Id};
use tokio::time::sleep;

use super::origins::Connection;
use super::pipe::{self, Pipe};
use super::session::{Driver, Happened};
use super::stream::Stream;
use super::wire::{Kept, Wire};
use crate::workers::Returned;

/// How long a response is kept whose Worker has closed the connection: what it has said of the
/// response may still be on its way.
const KEPT_FOR: Duration = Duration::from_secs(2);

/// What an egress session may be asked for.
#[derive(Default)]
pub(super) struct Joining {
    returned: Option<Returned>,
    /// The response, once the Worker has closed the connection.
    parted: Option<Kept>,
}

impl Joining {
    /// Where the response is wanted.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Pipe> {
        let Some(returned) = &mut self.returned else { return Poll::Pending };
        let wanted = std::task::ready!(returned.poll_wanted(context));
        self.returned = None;
        wanted.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Driver {
    /// The request of a flow has come from its Worker.
    pub(super) fn claimed(&mut self, token: FlowToken) {
        if let Some(client) = &mut self.client {
            client.keep();
            self.joining.returned = self.gateway.workers().returned(token);
        }
    }

    /// The session of the client wants the response that the egress session of this flow has.
    pub(super) fn join(&mut self, id: OriginId, token: FlowToken) {
        let (here, there) = pipe::pair();
        self.gateway.workers().want(token, there);
        self.origins.push(Connection::in_memory(id, here));
    }

    /// The response is wanted at `end`, which is let go if it is there no more.
    pub(super) fn joined(&mut self, end: Pipe) {
        let kept = match &mut self.client {
            Some(client) => client.take_kept(),
            None => self.joining.parted.take(),
        };
        if let Some(kept) = kept {
            self.client = Some(Wire::beginning_with(kept, Stream::Memory(end)));
            self.carry_out();
        }
    }

    /// The client, a Worker, has closed the connection; whether its response is kept for a while.
    pub(super) fn parts(&mut self) -> bool {
        let may_be_wanted = self.joining.returned.is_some();
        let client = self.client.as_mut().filter(|_| may_be_wanted);
        let Some(kept) = client.and_then(Wire::take_kept) else { return false };
        self.joining.parted = Some(kept);
        self.client = None;
        self.work.push(Box::pin(async {
            sleep(KEPT_FOR).await;
            Happened::Forsaken
        }));
        true
    }

    /// Nobody has wanted the response in time.
    pub(super) fn forsake(&mut self) {
        if self.joining.parted.take().is_some() {
            self.give(Input::Gone(Id::Client));
        }
    }
}
