//! Workers in the path of a request: the detour from the gateway to a Worker and back.
//!
//! ```text
//!  client ──▶ Transaction ──▶ Worker ──next()──▶ egress Session ──▶ origin
//!                 ▲   └─────────── one Flow ───────────┘
//! ```
//! A transaction whose rules say `forward` opens a [`Flow`] and takes the Worker for its origin.
//! When the Worker passes the request on, it comes back on the egress, where it joins its flow by a
//! token: it is not decided or recorded anew. Running Workers is the driver's business.
//!
//! A body that the Worker leaves as the origin sent it need not pass through it: the host module
//! says so, and the transaction takes the origin's response from the egress session itself.

mod admission;
mod flow;
mod message;
mod policy;

pub use admission::{Admission, AdmissionLimits, Refused};
pub(crate) use flow::Step;
pub use flow::{ClaimError, Destination, Flow, FlowLease, FlowState, FlowToken, Flows, Health};
pub(crate) use message::{
    BODY_FIELD, EGRESS_FIELD, METADATA_FIELD, Member, Metadata, OUTCOME_FIELD, strip_own_fields,
    token_of,
};
pub use policy::{
    Entrance, Entry, HostList, Invocation, Invoke, InvokeError, OnError, WorkerPolicy,
};
