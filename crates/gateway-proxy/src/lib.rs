//! The machines of a secure web gateway, without IO: sessions, transactions, origins, tunnels.
//!
//! * [`Session`] is one accepted connection: it peeks at what the client speaks, decides on
//!   tunnels, has TLS taken and minted for, and opens transactions.
//! * [`Transaction`] is one request and its response: it asks the rules at every gate, has bodies
//!   unpacked and inspected, holds what is undecided, and writes one record.
//! * [`Shared`] is an origin connection of HTTP/2 on which many sessions have a place.
//! * [`Tunnel`] relays what follows HTTP; where that is WebSocket, a machine of its own shows each
//!   message to the scanners.
//! * [`Association`] is one UDP client: it decides on the flow to each peer by its first datagrams.
//! * [`Flow`] ties a request to its way through a Worker and back.
//! * An [`Adapter`] is a service outside that messages go through and that may change them.
//! * [`Policy`] is the snapshot that they run under.
//!
//! All machines have the same four groups of methods: getters; inputs (`handle(input, now)`);
//! commands, which are inputs too; and outputs (`poll`, until there is none). One mutation, then
//! drain. Time is an argument; there is no clock, no socket, no thread and no randomness here, so
//! the same inputs give the same outputs to the byte. What a driver has to do is the list of
//! variants of [`Output`], and what it can tell the list of variants of [`Input`].
//!
//! It knows no scanner: those are handed in as [`Scanner`]s.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use std::sync::Arc;
//! use gateway_proxy::*;
//! use gateway_rules::{Action, Layer, Options, Rule, RuleSet, Scheme};
//!
//! let filter = r#"http.request.host == "bad.example""#;
//! let rule = Rule::new("bad", Layer::Http, Action::Block, filter);
//! let rules = RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default())?;
//! let settings = Settings::default();
//! let policy = Policy { rules: Arc::new(rules), scanners: vec![], settings, generation: 1 };
//! let now = Instant::now();
//! let mut session = Session::new(Accepted {
//!     policy: Arc::new(policy),
//!     clock: Clock::new(now, 0, || Duration::ZERO),
//!     client: "192.0.2.1:4000".parse()?,
//!     id: "1".into(),
//!     known: Known::default(),
//! }, now);
//! let request = "GET http://bad.example/ HTTP/1.1\r\nHost: bad.example\r\n\r\n";
//! session.handle(Input::Bytes(Wire::Client, request.into()), now);
//! let mut answer = Vec::new();
//! session.poll_output(Wire::Client, &mut answer);
//! assert!(answer[0].starts_with(b"HTTP/1.1 403 Forbidden"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adaptation;
mod adapter;
mod association;
mod body;
mod catalogs;
mod clock;
mod credentials;
mod cuts;
mod dial;
mod duties;
mod external;
mod facts;
mod head_scan;
mod header_changes;
mod identity;
mod judge;
mod key;
mod late;
mod limits;
mod matches;
mod origin;
mod policy;
mod progress;
mod quarantine;
mod quota;
mod release;
mod reply;
mod rewrite;
mod scan_group;
mod session;
mod shadow;
mod shared;
mod strictness;
mod tee;
/// One request and its response, for drivers of their own.
pub mod transaction;
mod tunnel;
mod websocket;
mod worker;

pub use adapter::{AdaptInput, AdaptReport, Adapter, Kept, Offer, Takes};
pub use association::{
    AddressCheck, Association, FlowId, Input as AssociationInput, Opened,
    Output as AssociationOutput,
};
#[cfg(feature = "fuzz")]
pub use body::prompt_places;
pub use catalogs::{
    Application, Applications, CatalogFault, Catalogs, Categories, Countries, Country, JsonStep,
    Location, Part, Prompt, Prompts, Status,
};
pub use clock::Clock;
pub use credentials::{AuthScheme, CREDENTIALS_BYTES_MAX, Credentials, CredentialsError};
pub use cuts::Cuts;
pub use dial::{Close, Dial, DialError, Dialed, OriginId, OriginTls, Resting, Reuse, Sharing};
pub use duties::{DUTIES, Duty};
pub use external::{
    External, Gets, OnFailure, Opinion, ScanFailure, ScanId, ScanInput, ScanReport, Verdict,
};
pub use head_scan::{HeadScan, ScannedFields};
pub use identity::{Device, Group, Known, Source, User};
pub use key::{Agreed, Alpn, OriginKey, Security, TenantId};
pub use late::Late;
pub use limits::{AssociationLimits, Limits, ReplayLimits, Timeouts, WebSocketLimits};
pub use matches::{MatchLog, PayloadMatch, SealError, Sealer};
pub use origin::{LaneInput, LaneReport};
pub use policy::{
    Anonymous, AuthorityMismatch, ConnectUdpPolicy, Http2Policy, Identification, OriginHttp2,
    Policy, QuicPolicy, RefusedMessage, Scanner, Settings, SocksOffer, UnknownProtocol,
    WebSocketPolicy,
};
pub use progress::{
    DeferInput, DeferReport, Deferred, NoTicket, PickupInput, PickupReport, Running, Ticket, Waiter,
};
pub use quarantine::{Extent, Quarantined};
pub use quota::{Counted, Quota, QuotaKey, Quotas};
pub use release::Release;
pub use rewrite::body_info;
pub use scan_group::{ScanGroup, ScanMember, Within};
pub use session::{
    Accepted, Branch, CapsuleStream, ClientTls, ClientTlsDone, Identify, Input, Output, Session,
    Splice, Unidentified, Wire,
};
pub use shared::{LaneId, Shared, SharedInput, SharedOutput};
pub use strictness::Strictness;
pub use transaction::Transaction;
pub use tunnel::Tunnel;
pub use worker::{
    Admission, AdmissionLimits, ClaimError, Destination, Entrance, Entry, Flow, FlowLease,
    FlowState, FlowToken, Flows, Health, HostList, Invocation, Invoke, InvokeError, OnError,
    Refused, WorkerPolicy,
};
