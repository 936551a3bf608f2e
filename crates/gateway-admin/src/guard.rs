//! Who may come in, and what every answer says to browsers. Stands before every route.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

use crate::Token;
use crate::problem::Problem;

/// The door through which a request came.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    /// Who it is from, as far as the door knows.
    pub(crate) caller: Caller,
    /// What must be shown; `None` where the door itself lets in only who may.
    pub(crate) token: Option<Token>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A user of this system.
    User(u32),
    /// Who holds the token.
    Token,
    /// The system does not say.
    Unknown,
}

impl Caller {
    /// The name in versions of the policy.
    pub(crate) fn name(self) -> String {
        match self {
            Self::User(uid) => format!("uid {uid}"),
            Self::Token => "token".to_owned(),
            Self::Unknown => "unix socket".to_owned(),
        }
    }
}

/// How long an answer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience(pub(crate) Duration);

/// Lets a request in or answers it, and adds to each answer what browsers are to know.
pub(crate) async fn guard(
    State(Patience(patience)): State<Patience>,
    request: Request,
    next: Next,
) -> Response {
    let open = !request.uri().path().starts_with("/api/");
    let refused = match request.extensions().get::<Entrance>() {
        Some(Entrance { token: Some(token), .. }) => {
            refusal(request.headers(), (!open).then_some(token))
        }
        Some(Entrance { token: None, .. }) => None,
        None => Some(Problem::new(StatusCode::FORBIDDEN, "no door is known")),
    };
    let mut response = match refused {
        Some(problem) => problem.into_response(),
        None => match tokio::time::timeout(patience, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the answer took too long")
                .into_response(),
        },
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Why a request over TCP is not let in. The page itself holds no secret and needs no `token`.
fn refusal(headers: &HeaderMap, token: Option<&Token>) -> Option<Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() || !host.is_some_and(is_local) {
        // A name that somebody else owns may lead here (DNS rebinding).
        return Some(Problem::new(StatusCode::FORBIDDEN, "the Host is not a name of this host"));
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return Some(Problem::new(StatusCode::FORBIDDEN, "the request comes from another site"));
    }
    let shown = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    match token {
        Some(token) if !shown.is_some_and(|shown| token.is_shown_by(shown)) => Some(
            Problem::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong").challenging(),
        ),
        Some(_) | None => None,
    }
}

/// Whether a Host names loopback, whatever its port.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| name.eq_ignore_ascii_case(local))
}

const HEADERS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_loopback_are_hosts() {
        for (host, local) in [
            ("localhost", true),
            ("LOCALHOST:9080", true),
            ("127.0.0.1:9080", true),
            ("[::1]:9080", true),
            ("[::1]", true),
            ("attacker.example:9080", false),
            ("localhost.attacker.example", false),
            ("127.0.0.1.attacker.example:80", false),
            ("127.0.0.1:80@attacker.example", false),
            ("", false),
            ("[::1", false),
        ] {
            assert_eq!(is_local(host), local, "{host}");
        }
    }
}
