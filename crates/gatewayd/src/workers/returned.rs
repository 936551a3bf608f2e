//! Requests that have come back from Workers, by the tokens of their flows: how the session of a
//! client finds the egress session that has the response it wants.

use std::sync::Arc;
use std::task::{Context, Poll};

use gateway_proxy::FlowToken;
use tokio::sync::oneshot;

use super::{Base, Workers, lock};
use crate::drive::Pipe;

/// A request that has come back; others can ask for its response until this is dropped.
pub(crate) struct Returned {
    token: FlowToken,
    base: Arc<Base>,
    wanted: oneshot::Receiver<Pipe>,
}

impl Returned {
    /// Where the response is wanted, once it is; `None` if nobody can want it any more.
    pub(crate) fn poll_wanted(&mut self, context: &mut Context<'_>) -> Poll<Option<Pipe>> {
        std::pin::Pin::new(&mut self.wanted).poll(context).map(Result::ok)
    }
}

impl Drop for Returned {
    fn drop(&mut self) {
        lock(&self.base.returned).remove(&self.token);
    }
}

impl Workers {
    /// The request of this flow has come back.
    pub(crate) fn returned(&self, token: FlowToken) -> Option<Returned> {
        let base = lock(&self.base).clone()?;
        let (want, wanted) = oneshot::channel();
        lock(&base.returned).insert(token, want);
        Some(Returned { token, base, wanted })
    }

    /// The response to the request of this flow is wanted at `end`; that is let go if there is no
    /// such request.
    pub(crate) fn want(&self, token: FlowToken, end: Pipe) {
        let base = lock(&self.base).clone();
        let want = base.and_then(|base| lock(&base.returned).remove(&token));
        if let Some(want) = want {
            let _ = want.send(end);
        }
    }
}
