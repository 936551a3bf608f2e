//! Services outside the process that may change messages, as the machines know them (ICAP): a
//! message goes out, and comes back as it was, or changed, or answered. Nothing here knows how a
//! service is spoken to; that is the driver's.

use std::net::IpAddr;

use bytes::Bytes;
use gateway_h1h2::{RequestHead, ResponseHead};
use gateway_log::Direction;
use gateway_rules::Filter;

use crate::external::{OnFailure, ScanFailure};
use crate::transaction::Leg;

/// A service that messages go through where the origin's side begins: requests before the origin
/// gets them, responses before anything else looks at them.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Its name in records and on pages.
    pub name: String,
    /// Which messages it gets.
    pub takes: Takes,
    /// Which of these, by what is known of them; `None` for all. It must read no facts of bodies.
    pub when: Option<Filter>,
    /// What becomes of a message that it fails on.
    pub on_failure: OnFailure,
    /// Bytes of a body that are kept so that the original can go on. A body that is known to be no
    /// longer is kept as a whole; of any other as much as the service sees before it says whether
    /// it wants the rest.
    pub kept_bytes_max: u64,
}

/// The messages that a service gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Takes {
    /// Requests.
    Requests,
    /// Responses.
    Responses,
    /// Both.
    #[default]
    Both,
}

impl Takes {
    /// Whether messages of `direction` are among them.
    pub(crate) const fn takes(self, direction: Direction) -> bool {
        match self {
            Self::Both => true,
            Self::Requests => matches!(direction, Direction::Upload),
            Self::Responses => matches!(direction, Direction::Download),
        }
    }
}

impl Adapter {
    /// Bytes of an answer that a driver may hand in before it gets [`AdaptInput::Credit`], and of
    /// a message that may wait for the service.
    pub const AHEAD_BYTES_MAX: u64 = 256 << 10;

    /// Whether it gets the messages of the sender on `leg`.
    pub(crate) const fn takes(&self, leg: Leg) -> bool {
        self.takes.takes(match leg {
            Leg::Client => Direction::Upload,
            Leg::Origin => Direction::Download,
        })
    }
}

/// A message that is offered to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Position of the service in [`Settings::adapters`](crate::Settings::adapters); in
    /// [`Settings::external`](crate::Settings::external) for one that gets a copy.
    pub adapter: usize,
    /// The request, in absolute form: what is offered, or what `response` answers.
    pub request: RequestHead,
    /// The response, if that is offered. The body that follows is that of what is offered.
    pub response: Option<ResponseHead>,
    /// Who asks.
    pub client: Option<IpAddr>,
    /// How much of the original stays here.
    pub kept: Kept,
}

/// How much of an original is kept while a service looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of it: the service may say at any time that it goes on as it was.
    Whole,
    /// What is shown before the service says whether it wants the rest: at most so many bytes.
    Preview(u64),
}

/// What the exchange about one message is given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdaptInput {
    /// The message. It comes first.
    Offer(Box<Offer>),
    /// The next bytes of its body. Say [`AdaptReport::Taken`] when they no longer wait.
    Data(Bytes),
    /// That was all of it.
    End,
    /// So many more bytes of the answer may be handed in.
    Credit(u64),
    /// Nobody waits for anything any more.
    Cancel,
}

/// What the exchange about one message brings.
///
/// At most one of `Unmodified`, `Declined`, `Request` and `Response`, the latter two followed by
/// `Data`* and `End`; or `Failed` at any time. `Told` comes before these.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdaptReport {
    /// So many more bytes of the body no longer wait.
    Taken(u64),
    /// The service wants the whole message.
    Wanted,
    /// What the service says beside its answer.
    Told {
        /// Its state, as it names it; empty for none.
        istag: String,
        /// What it has found in the message.
        finding: Option<String>,
    },
    /// The message goes on as it was.
    Unmodified,
    /// The service does not want to see such a message, which goes on as it was.
    Declined,
    /// What comes next may end with the rest of the original: that stays here until then. It comes before
    /// `Request` or `Response`.
    Partial,
    /// This request takes the place of the one that was offered.
    Request(Box<RequestHead>),
    /// This response takes the place of the one that was offered, or of the origin's.
    Response(Box<ResponseHead>),
    /// The next bytes of its body.
    Data(Bytes),
    /// Its end.
    End,
    /// The body that was offered goes on from here, so many bytes behind its begin, in the place of an end.
    Original(u64),
    /// There is no answer, or no more of it.
    Failed(ScanFailure),
}
