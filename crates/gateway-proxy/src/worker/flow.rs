//! The flow of one request through a Worker: its state, and the table in which a request that comes
//! back finds it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gateway_h1h2::Target;
use gateway_log::OriginSide;

use crate::key::OriginKey;

/// What names a flow to the Worker that it is with: as good as a password, and good once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowToken([u8; 16]);

impl FlowToken {
    /// The token of these bytes, which must be random: whoever guesses them speaks for the flow.
    #[must_use]
    pub const fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Reads what `Display` writes: 32 lower-case hexadecimal digits.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let digits: &[u8; 32] = text.try_into().ok()?;
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let &[high, low] = pair else { return None };
            *byte = nibble(high)? << 4 | nibble(low)?;
        }
        Some(Self(bytes))
    }
}

impl FlowToken {
    /// Writes what [`FlowToken::parse`] reads.
    pub(crate) fn write(self, out: &mut String) {
        let digit = |nibble: u8| match nibble {
            0..=9 => char::from(b'0' + nibble),
            _ => char::from(b'a' + (nibble - 10)),
        };
        out.extend(self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit));
    }
}

impl fmt::Display for FlowToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = String::with_capacity(2 * self.0.len());
        self.write(&mut digits);
        f.write_str(&digits)
    }
}

/// A token is a secret: it does not show in what is printed for people.
impl fmt::Debug for FlowToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlowToken(..)")
    }
}

/// Where a request was going before it was handed to a Worker, and goes on to from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The connection that it needs.
    pub key: OriginKey,
    /// The host that it names.
    pub host: String,
    /// What it asks for.
    pub target: Target,
    /// The addresses that rules have decided on; no others may be dialled. Empty: resolve the host.
    pub addresses: Vec<IpAddr>,
}

/// How far a flow has come.
///
/// ```text
///  Idle ──▶ Invoked ──next()──▶ NextCalled ──▶ UpstreamHead ──▶ Streaming ──▶ Done
///              └───── an answer of its own ──────────────────────▲
///  any of them but Done ──▶ Aborted
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowState {
    /// The Worker does not have the request yet.
    Idle,
    /// The Worker has the request.
    Invoked,
    /// The Worker has passed it on.
    NextCalled,
    /// The head of the origin's response is on its way to the Worker.
    UpstreamHead,
    /// The head of the Worker's answer has come.
    Streaming,
    /// The answer is complete.
    Done,
    /// It was given up.
    Aborted,
}

/// What moves a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Invoke,
    Claim,
    OriginAnswers,
    WorkerAnswers,
    Finish,
    Abort,
}

impl FlowState {
    /// The state after `step`; `None` where the step is not possible.
    pub(crate) const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Idle, Step::Invoke) => Some(Self::Invoked),
            (Self::Invoked, Step::Claim) => Some(Self::NextCalled),
            (Self::NextCalled, Step::OriginAnswers) => Some(Self::UpstreamHead),
            (Self::Invoked | Self::NextCalled | Self::UpstreamHead, Step::WorkerAnswers) => {
                Some(Self::Streaming)
            }
            (Self::Streaming, Step::Finish) => Some(Self::Done),
            (
                Self::Idle
                | Self::Invoked
                | Self::NextCalled
                | Self::UpstreamHead
                | Self::Streaming,
                Step::Abort,
            ) => Some(Self::Aborted),
            _ => None,
        }
    }
}

/// Why a request cannot join a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// No flow has this token, or its request is over.
    #[error("no request waits for this")]
    Unknown,
    /// The flow is with another Worker.
    #[error("the request is not with this Worker")]
    Foreign,
    /// The request was passed on before.
    #[error("next() can be called once only")]
    Twice,
    /// The Worker has answered already.
    #[error("next() must be called before the answer begins")]
    Late,
}

/// What is known of the origin behind a Worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upstream {
    pub(crate) origin: OriginSide,
    pub(crate) connect_ms: Option<u64>,
    pub(crate) tls_ms: Option<u64>,
    /// Body bytes to and from the origin.
    pub(crate) bytes: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Inner {
    state: FlowState,
    destination: Destination,
    worker: Arc<str>,
    /// When it was passed on.
    claimed: Option<Instant>,
    /// When the head of the origin's response came.
    answered: Option<Instant>,
    upstream: Upstream,
    health: Health,
}

/// What a flow has shown about its Worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// Nothing: it ended before the Worker answered, for another reason.
    #[default]
    Unknown,
    /// The Worker answered.
    Well,
    /// The Worker failed.
    Failed,
}

/// One request on its way through a Worker, shared by the transaction that sent it there and the
/// one that takes it on from there.
#[derive(Clone, Debug)]
pub struct Flow(Arc<Mutex<Inner>>);

impl Flow {
    /// A flow that is about to begin with this Worker.
    #[must_use]
    pub fn new(worker: &str, destination: Destination) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            state: FlowState::Idle,
            destination,
            worker: worker.into(),
            claimed: None,
            answered: None,
            upstream: Upstream::default(),
            health: Health::default(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> FlowState {
        self.inner().state
    }

    /// Where its request goes.
    #[must_use]
    pub fn destination(&self) -> Destination {
        self.inner().destination.clone()
    }

    /// Whether the Worker has passed the request on.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        self.inner().claimed.is_some()
    }

    /// What it has shown about its Worker.
    #[must_use]
    pub fn health(&self) -> Health {
        self.inner().health
    }

    /// The Worker has failed: the flow is given up.
    pub(crate) fn fail(&self, now: Instant) {
        self.inner().health = Health::Failed;
        self.step(Step::Abort, now);
    }

    /// Takes one step; whether it was possible.
    pub(crate) fn step(&self, step: Step, now: Instant) -> bool {
        let mut inner = self.inner();
        let Some(state) = inner.state.after(step) else {
            // An origin may answer a Worker that has begun an answer of its own.
            if step == Step::OriginAnswers {
                inner.answered.get_or_insert(now);
            }
            return false;
        };
        inner.state = state;
        match step {
            Step::Claim => inner.claimed = Some(now),
            Step::OriginAnswers => inner.answered = Some(now),
            Step::WorkerAnswers => inner.health = Health::Well,
            Step::Invoke | Step::Finish | Step::Abort => {}
        }
        true
    }

    /// When it was passed on, and when the head of the origin's response came.
    pub(crate) fn times(&self) -> (Option<Instant>, Option<Instant>) {
        let inner = self.inner();
        (inner.claimed, inner.answered)
    }

    /// Notes what is known of the origin.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Upstream)) {
        note(&mut self.inner().upstream);
    }

    /// What is known of the origin.
    pub(crate) fn upstream(&self) -> Upstream {
        self.inner().upstream.clone()
    }

    fn claim(&self, worker: &str, now: Instant) -> Result<(), ClaimError> {
        if *self.inner().worker != *worker {
            return Err(ClaimError::Foreign);
        }
        if self.step(Step::Claim, now) {
            return Ok(());
        }
        Err(match (self.is_claimed(), self.state()) {
            (true, _) => ClaimError::Twice,
            (false, FlowState::Streaming) => ClaimError::Late,
            (false, _) => ClaimError::Unknown,
        })
    }
}

impl PartialEq for Flow {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Flow {}

/// The flows that are with Workers now, by their tokens. Clones are the same table.
#[derive(Clone, Debug, Default)]
pub struct Flows(Arc<Mutex<BTreeMap<FlowToken, Flow>>>);

impl Flows {
    fn table(&self) -> MutexGuard<'_, BTreeMap<FlowToken, Flow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a flow under its token, until the lease is dropped.
    #[must_use]
    pub fn open(&self, token: FlowToken, flow: Flow) -> FlowLease {
        self.table().insert(token, flow.clone());
        FlowLease { flows: self.clone(), token, flow }
    }

    /// How many flows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table().len()
    }

    /// Whether there is no flow.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A request of `worker` joins the flow of this token, once.
    pub(crate) fn claim(
        &self,
        token: FlowToken,
        worker: &str,
        now: Instant,
    ) -> Result<Flow, ClaimError> {
        let flow = self.table().get(&token).cloned().ok_or(ClaimError::Unknown)?;
        flow.claim(worker, now)?;
        Ok(flow)
    }
}

/// The entry of a flow in its table; dropping it ends the flow and takes it out.
#[derive(Debug)]
pub struct FlowLease {
    flows: Flows,
    token: FlowToken,
    flow: Flow,
}

impl FlowLease {
    /// The token that names the flow to its Worker.
    #[must_use]
    pub const fn token(&self) -> FlowToken {
        self.token
    }

    /// The flow.
    #[must_use]
    pub const fn flow(&self) -> &Flow {
        &self.flow
    }
}

impl Drop for FlowLease {
    fn drop(&mut self) {
        self.flows.table().remove(&self.token);
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "some instant to count from")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::{Security, TenantId};

    fn flow() -> Flow {
        let key = OriginKey {
            tenant: TenantId::default(),
            security: Security::Plain,
            host: "a.test".into(),
            port: 80,
        };
        let target = Target::Asterisk;
        let host = "a.test".into();
        Flow::new("w", Destination { key, host, target, addresses: Vec::new() })
    }

    #[test]
    fn tokens_are_read_as_they_are_written() {
        let token = FlowToken::new([0xa5; 16]);
        assert_eq!(FlowToken::parse(token.to_string().as_bytes()), Some(token));
        for text in ["", "a5", &"a".repeat(31), &"a".repeat(33), &"g".repeat(32), &"A".repeat(32)] {
            assert_eq!(FlowToken::parse(text.as_bytes()), None, "{text}");
        }
        assert!(!format!("{token:?}").contains("a5"));
    }

    #[test]
    fn a_flow_is_joined_once_by_its_worker_while_it_lasts() {
        let now = Instant::now();
        let flows = Flows::default();
        let (token, other) = (FlowToken::new([1; 16]), FlowToken::new([2; 16]));
        let lease = flows.open(token, flow());
        let claim = |token, worker| flows.claim(token, worker, now).map(|flow| flow.state());
        assert_eq!(claim(token, "w"), Err(ClaimError::Unknown), "the Worker does not have it yet");
        assert!(lease.flow().step(Step::Invoke, now));
        assert_eq!(claim(other, "w"), Err(ClaimError::Unknown));
        assert_eq!(claim(token, "x"), Err(ClaimError::Foreign));
        assert_eq!(claim(token, "w"), Ok(FlowState::NextCalled));
        assert_eq!(claim(token, "w"), Err(ClaimError::Twice));
        drop(lease);
        assert_eq!(claim(token, "w"), Err(ClaimError::Unknown));
        assert!(flows.is_empty());
        let lease = flows.open(token, flow());
        assert!(
            lease.flow().step(Step::Invoke, now) && lease.flow().step(Step::WorkerAnswers, now)
        );
        assert_eq!(claim(token, "w"), Err(ClaimError::Late));
    }

    proptest! {
        /// Whatever is tried: a flow is claimed once at most, never before it was handed over nor
        /// after its answer began; and what is over stays over.
        #[test]
        fn flows_only_go_forward(steps in prop::collection::vec(0_usize..6, 0..24)) {
            let now = Instant::now();
            let flow = flow();
            let all = [
                Step::Invoke, Step::Claim, Step::OriginAnswers, Step::WorkerAnswers, Step::Finish,
                Step::Abort,
            ];
            let mut done: Vec<Step> = Vec::new();
            for step in steps.into_iter().map(|index| all[index]) {
                let before = flow.state();
                if !flow.step(step, now) {
                    prop_assert_eq!(flow.state(), before);
                    continue;
                }
                prop_assert!(!matches!(before, FlowState::Done | FlowState::Aborted));
                prop_assert!(!done.contains(&step), "{:?} twice", step);
                if step == Step::Claim {
                    prop_assert!(done.contains(&Step::Invoke));
                    prop_assert!(!done.contains(&Step::WorkerAnswers));
                }
                done.push(step);
            }
            prop_assert_eq!(flow.is_claimed(), done.contains(&Step::Claim));
        }
    }
}
