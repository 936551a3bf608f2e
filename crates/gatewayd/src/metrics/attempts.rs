//! How clients said who they are, and what came of it.

use gateway_proxy::{AuthScheme, Unidentified};
use prometheus_client::registry::Registry;

use super::Counters;

/// How somebody says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// By a certificate of the device.
    Certificate,
    /// By a password, in HTTP or SOCKS.
    Password,
    /// By a token.
    Token,
}

impl Method {
    /// That of a scheme of credentials.
    pub(crate) const fn of(scheme: AuthScheme) -> Self {
        match scheme {
            AuthScheme::Bearer => Self::Token,
            _ => Self::Password,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Password => "password",
            Self::Token => "token",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is known now.
    Accepted,
    /// It could not be looked at.
    Busy,
    /// It was not looked at, after too many wrong ones.
    Locked,
    /// It was asked and showed nothing.
    Missing,
    /// It is wrong.
    Wrong,
}

impl Outcome {
    /// That of a check of credentials.
    pub(crate) const fn of<T>(result: &Result<T, Unidentified>) -> Self {
        match result {
            Ok(_) => Self::Accepted,
            Err(Unidentified::Busy) => Self::Busy,
            Err(Unidentified::Locked { .. }) => Self::Locked,
            Err(_) => Self::Wrong,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Busy => "busy",
            Self::Locked => "locked",
            Self::Missing => "missing",
            Self::Wrong => "wrong",
        }
    }
}

/// The counters. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(Counters<2>);

impl Attempts {
    pub(super) fn count(&self, method: Method, outcome: Outcome) {
        let labels = [("method", method.as_str()), ("outcome", outcome.as_str())];
        self.0.get_or_create(&labels).inc();
    }

    /// Those that alerts ask for begin at 0.
    pub(super) fn register(&self, registry: &mut Registry) {
        for method in [Method::Password, Method::Token] {
            for outcome in [Outcome::Wrong, Outcome::Locked] {
                let labels = [("method", method.as_str()), ("outcome", outcome.as_str())];
                drop(self.0.get_or_create(&labels));
            }
        }
        registry.register(
            "identity_attempts",
            "Attempts of clients to say who they are, by what came of them",
            self.0.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::Metrics;
    use crate::metrics::tests::{check, shown};

    #[test]
    fn attempts_are_counted_by_method_and_outcome() {
        let metrics = Metrics::default();
        let locked = Unidentified::Locked { retry_after: Duration::ZERO };
        for result in [Ok(()), Err(Unidentified::Wrong), Err(locked), Err(Unidentified::Busy)] {
            metrics.attempted(Method::of(AuthScheme::Basic), Outcome::of(&result));
        }
        metrics.attempted(Method::Certificate, Outcome::Missing);
        let line = |method: &str, outcome: &str, count: u64| {
            format!(
                "gateway_identity_attempts_total{{method=\"{method}\",outcome=\"{outcome}\"}} {count}"
            )
        };
        let text = shown(&metrics);
        for outcome in ["accepted", "wrong", "locked", "busy"] {
            check(&text, &[&line("password", outcome, 1)]);
        }
        check(&text, &[&line("certificate", "missing", 1), &line("token", "wrong", 0)]);
    }
}
