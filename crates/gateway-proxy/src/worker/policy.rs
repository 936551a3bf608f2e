//! What is agreed between the machines and whoever runs Workers: how each is to be treated, what
//! is asked for and answered when a request is handed over, and who may come in on the egress.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use gateway_log::WorkerOutcome;

use super::flow::{Destination, FlowLease, Flows};
use crate::dial::OriginId;
use crate::policy::Policy;

/// How a Worker is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerPolicy {
    /// What becomes of a request when the Worker fails.
    pub on_error: OnError,
    /// How long the Worker may take to the head of its answer, the time that the origin behind it
    /// takes not counted. Default 2 s.
    pub deadline: Duration,
    /// How long the Worker may pause within the body of its answer; event streams, which pause by
    /// nature, excepted. Default 10 s.
    pub stall: Duration,
}

impl Default for WorkerPolicy {
    fn default() -> Self {
        Self {
            on_error: OnError::default(),
            deadline: Duration::from_secs(2),
            stall: Duration::from_secs(10),
        }
    }
}

/// What becomes of a request when its Worker fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// It is answered 502.
    #[default]
    Block,
    /// It goes on to the origin without the Worker, if the Worker has not passed it on and the
    /// gateway still has all of it.
    Bypass,
}

/// A request is to be handed to a Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoke {
    /// The name under which the answer and all bytes refer to the connection with the Worker.
    pub id: OriginId,
    /// The Worker.
    pub worker: String,
    /// Where the request goes if the Worker passes it on.
    pub destination: Box<Destination>,
}

/// A connection with a Worker stands, and a flow has been opened for the request.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The flow's entry in the table of flows; let go of when the request is over.
    pub lease: Arc<FlowLease>,
    /// The version of the Worker's code.
    pub version: String,
    /// Whatever else the driver wants to be let go of when the request is over.
    pub guard: Arc<dyn Any + Send + Sync>,
}

/// Why a request cannot be handed to a Worker.
pub type InvokeError = WorkerOutcome;

/// What a session on the egress begins with.
#[derive(Clone)]
pub struct Entrance {
    /// The flows that requests can join.
    pub flows: Flows,
    /// Who comes in with which secret.
    pub entries: Arc<[Entry]>,
    /// The policy for what Workers ask for of themselves.
    pub own: Arc<Policy>,
}

/// One secret, and what it opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value of `gw-egress`: random, known to the gateway and one Worker's process alone.
    pub secret: String,
    /// The Worker.
    pub worker: Arc<str>,
    /// `None` for requests that are passed on; for what the Worker asks for of itself, the hosts
    /// that it may ask.
    pub hosts: Option<HostList>,
}

/// Hosts that a Worker may ask of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostList(Vec<String>);

impl HostList {
    /// A list of host names in lower case; `*.a.example` stands for every name below `a.example`,
    /// `*` for every host.
    #[must_use]
    pub const fn new(hosts: Vec<String>) -> Self {
        Self(hosts)
    }

    /// Whether `host`, in lower case, is on the list.
    #[must_use]
    pub fn admits(&self, host: &str) -> bool {
        self.0.iter().any(|listed| match listed.strip_prefix('*') {
            Some("") => true,
            Some(suffix) => {
                suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(suffix)
            }
            None => listed == host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_listed_by_name_or_domain() {
        let list = |hosts: &[&str]| HostList::new(hosts.iter().map(|&host| host.into()).collect());
        for (hosts, host, admitted) in [
            (&["a.example"][..], "a.example", true),
            (&["a.example"], "b.a.example", false),
            (&["*.a.example"], "b.a.example", true),
            (&["*.a.example"], "a.example", false),
            (&["*.a.example"], ".a.example", false),
            (&["*.a.example"], "ba.example", false),
            (&["*"], "anything", true),
            (&["*x"], "abcx", false),
            (&[], "a.example", false),
        ] {
            assert_eq!(list(hosts).admits(host), admitted, "{hosts:?} {host}");
        }
    }
}
