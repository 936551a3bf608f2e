//! Phases, in which facts become known, and gates, which are the acts that cannot be undone.
//!
//! Nothing here knows a rule: this is the calendar that the scheme and the decisions share.

use std::fmt;

/// A stage of a connection in which facts become known.
///
/// The order is that of a request which is answered after it ended. Request and response are two
/// concurrent tracks, so a response head may well be known before the request body has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Addresses, target, identity: what is known when the connection is asked for.
    Connect,
    /// The first bytes: which protocol they show, and the ClientHello with SNI, ALPN and
    /// fingerprints. Closed at once where nothing is peeked at.
    ClientHello,
    /// The request line and fields.
    RequestHead,
    /// The request body, as it streams.
    RequestBody,
    /// The status line and fields of the response.
    ResponseHead,
    /// The response body, as it streams.
    ResponseBody,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 6] = [
        Self::Connect,
        Self::ClientHello,
        Self::RequestHead,
        Self::RequestBody,
        Self::ResponseHead,
        Self::ResponseBody,
    ];

    /// The name used in diagnostics and records, such as `request head`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::ClientHello => "client hello",
            Self::RequestHead => "request head",
            Self::RequestBody => "request body",
            Self::ResponseHead => "response head",
            Self::ResponseBody => "response body",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of phases.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PhaseSet(u8);

impl PhaseSet {
    /// No phase.
    pub const EMPTY: Self = Self(0);

    /// The set of the given phases.
    #[must_use]
    pub const fn of(phases: &[Phase]) -> Self {
        let mut bits = 0;
        let mut rest = phases;
        while let [phase, tail @ ..] = rest {
            bits |= phase.bit();
            rest = tail;
        }
        Self(bits)
    }

    /// Whether `phase` is in the set.
    #[must_use]
    pub const fn contains(self, phase: Phase) -> bool {
        self.0 & phase.bit() != 0
    }

    /// Whether every phase of the set is in `other`.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether no phase is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The phases of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The phases of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The phases, in order.
    pub fn iter(self) -> impl Iterator<Item = Phase> {
        Phase::ALL.into_iter().filter(move |&phase| self.contains(phase))
    }

    /// The last phase of the set.
    #[must_use]
    pub fn latest(self) -> Option<Phase> {
        self.iter().last()
    }
}

impl FromIterator<Phase> for PhaseSet {
    fn from_iter<I: IntoIterator<Item = Phase>>(phases: I) -> Self {
        phases.into_iter().fold(Self::EMPTY, |set, phase| Self(set.0 | phase.bit()))
    }
}

impl fmt::Debug for PhaseSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Lists the phases by name: `request body, response body`.
impl fmt::Display for PhaseSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, phase) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(phase.name())?;
        }
        Ok(())
    }
}

/// An act that cannot be undone; before each, the rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Connecting to the origin.
    Dial,
    /// Relaying a connection opaquely, or intercepting its TLS.
    Tunnel,
    /// Sending the request head to the origin.
    RequestHead,
    /// Sending the next bytes of the request body to the origin; asked again as the body streams.
    RequestBody,
    /// Sending the response head to the client.
    ResponseHead,
    /// Sending the next bytes of the response body to the client; asked again as the body streams.
    ResponseBody,
}

impl Gate {
    /// Every gate, in order.
    pub const ALL: [Self; 6] = [
        Self::Dial,
        Self::Tunnel,
        Self::RequestHead,
        Self::RequestBody,
        Self::ResponseHead,
        Self::ResponseBody,
    ];

    /// The phases whose facts can be had before this act.
    ///
    /// The request body is not among those of [`Gate::ResponseHead`]: an answer may come before
    /// the request has ended.
    #[must_use]
    pub const fn before(self) -> PhaseSet {
        use Phase::{ClientHello, Connect, RequestBody, RequestHead, ResponseBody, ResponseHead};
        match self {
            Self::Dial | Self::Tunnel => PhaseSet::of(&[Connect, ClientHello]),
            Self::RequestHead => PhaseSet::of(&[Connect, ClientHello, RequestHead]),
            Self::RequestBody => PhaseSet::of(&[Connect, ClientHello, RequestHead, RequestBody]),
            Self::ResponseHead => PhaseSet::of(&[Connect, ClientHello, RequestHead, ResponseHead]),
            Self::ResponseBody => PhaseSet::of(&[
                Connect,
                ClientHello,
                RequestHead,
                RequestBody,
                ResponseHead,
                ResponseBody,
            ]),
        }
    }

    /// The name used in diagnostics and records, such as `request head`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::Tunnel => "tunnel",
            Self::RequestHead => "request head",
            Self::RequestBody => "request body",
            Self::ResponseHead => "response head",
            Self::ResponseBody => "response body",
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_behave_like_sets() {
        let bodies = PhaseSet::of(&[Phase::RequestBody, Phase::ResponseBody]);
        assert!(bodies.contains(Phase::RequestBody) && !bodies.contains(Phase::Connect));
        assert!(bodies.is_subset(Gate::ResponseBody.before()));
        assert!(!bodies.is_subset(Gate::RequestBody.before()));
        assert_eq!(bodies.latest(), Some(Phase::ResponseBody));
        assert_eq!(bodies.to_string(), "request body, response body");
        assert_eq!(bodies.iter().collect::<PhaseSet>(), bodies);
        assert_eq!(PhaseSet::EMPTY.latest(), None);
    }

    #[test]
    fn a_gate_never_forgets_what_an_earlier_one_on_its_track_knew() {
        let request = [Gate::Dial, Gate::Tunnel, Gate::RequestHead, Gate::RequestBody];
        let response = [Gate::RequestHead, Gate::ResponseHead, Gate::ResponseBody];
        for track in [&request[..], &response[..]] {
            for pair in track.windows(2) {
                assert!(pair[0].before().is_subset(pair[1].before()), "{pair:?}");
            }
        }
    }
}
