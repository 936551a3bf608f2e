//! What was decided about a flow, and the trail that led there.

use crate::Text;

/// What a rule asks for, or what the gateway did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Passed.
    Allow,
    /// Refused, or cut where it had already begun.
    Block,
    /// Sent to a Worker.
    Forward,
    /// Sent to a remote browser.
    Isolate,
    /// Kept out of the remote browser.
    NoIsolate,
    /// Passed without a malware scan.
    NoScan,
    /// Relayed without decryption: Do Not Inspect.
    Off,
    /// Refused, or cut where it had already begun, with the body kept aside.
    Quarantine,
    /// Passed with what was found in it overwritten.
    Redact,
    /// Answered with a redirect.
    Redirect,
}

impl Action {
    /// The value of the field `Action`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
            Self::Forward => "forward",
            Self::Isolate => "isolate",
            Self::NoIsolate => "noisolate",
            Self::NoScan => "noscan",
            Self::Off => "off",
            Self::Quarantine => "quarantine",
            Self::Redact => "redact",
            Self::Redirect => "redirect",
        }
    }
}

/// Whether a rule's verdict is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleMode {
    /// The verdict is carried out.
    #[default]
    Enforce,
    /// The verdict is only counted and logged: a shadow rule.
    Log,
}

impl RuleMode {
    /// The value of the member `Mode` of a trail step.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Log => "log",
        }
    }
}

/// What was done about an origin whose certificate does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UntrustedCertificateAction {
    /// The certificate was fine.
    None,
    /// The request was blocked.
    Block,
    /// The client saw an error page.
    Error,
    /// The connection went on regardless.
    PassThrough,
}

impl UntrustedCertificateAction {
    /// The value of the field `UntrustedCertificateAction`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Block => "block",
            Self::Error => "error",
            Self::PassThrough => "passThrough",
        }
    }
}

/// One rule that matched, in the order of evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrailStep {
    /// The tier in which the rule stands, such as `l4` or `http`.
    pub tier: Text,
    /// The rule's identifier.
    pub rule_id: Text,
    /// The rule's name.
    pub rule_name: Text,
    /// What the rule asks for.
    pub action: Option<Action>,
    /// The phase in which it became certain, such as `client_hello` or `response_body`.
    pub phase: Text,
    /// The predicate that matched, as written in the rule.
    pub predicate: Text,
    /// Whether the verdict was carried out.
    pub mode: RuleMode,
    /// What the rule has changed in heads: side, operation and name, such as `request set X-Tenant`;
    /// no value, which may be a secret.
    pub headers: Vec<Text>,
}

/// What was decided about the flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// What was finally done to the flow. The executed action is the logged action.
    pub action: Option<Action>,
    /// Every action that was carried out, in order; the last one is [`Decision::action`].
    pub actions: Vec<Action>,
    /// The rule behind the final action; empty where a default applied.
    pub policy_id: Text,
    /// The name of that rule.
    pub policy_name: Text,
    /// Every rule that matched, shadow rules included.
    pub trail: Vec<TrailStep>,
    /// Where the client was redirected to.
    pub redirect_target_uri: Text,
    /// What was done about an origin certificate that does not verify.
    pub untrusted_certificate_action: Option<UntrustedCertificateAction>,
    /// Whether the names of CONNECT, SNI and Host contradict each other.
    pub authority_mismatch: Option<bool>,
}
