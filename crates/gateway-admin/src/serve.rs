//! Accepts connections at the doors and serves HTTP/1.1 on them, so many at a time and for so long.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower_service::Service;

use crate::api;
use crate::guard::{Caller, Entrance};
use crate::listen::{Door, Doors};
use crate::{Parts, Token};

/// How much the API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at a time, all doors together. Default 64.
    pub connections_max: usize,
    /// From the first to the last byte of a request head, and between two requests. Default 20 s.
    pub head: Duration,
    /// From a request to its response; live records alone go on longer. Default 2 min.
    pub answer: Duration,
    /// Bytes of a request body. Default 4 MiB.
    pub body_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 64,
            head: Duration::from_secs(20),
            answer: Duration::from_secs(120),
            body_bytes_max: 4 << 20,
        }
    }
}

/// The API while it answers. When this is dropped it stops, in the middle of whatever it does.
#[derive(Debug)]
pub struct Admin(JoinSet<()>);

impl Admin {
    /// Answers at `doors`. Needs the runtime.
    #[must_use]
    pub fn start(doors: Doors, parts: Parts, limits: Limits) -> Self {
        let router = api::router(parts, &limits);
        let places = Arc::new(Semaphore::new(limits.connections_max));
        let mut tasks = JoinSet::new();
        for door in doors.0 {
            tasks.spawn(answer_at(door, router.clone(), places.clone(), limits));
        }
        Self(tasks)
    }

    /// Stops, and waits until everything is let go.
    pub async fn end(mut self) {
        self.0.shutdown().await;
    }
}

async fn answer_at(door: Door, router: Router, places: Arc<Semaphore>, limits: Limits) {
    // Whoever is served is let go with the door.
    let mut served = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while served.try_join_next().is_some() {}
        let accepted = match &door {
            Door::Unix(listener, _) => listener.accept().await.map(|(stream, _)| {
                let caller =
                    stream.peer_cred().map_or(Caller::Unknown, |peer| Caller::User(peer.uid()));
                let entrance = Entrance { caller, token: None };
                served.spawn(serve(stream, entrance, router.clone(), place, limits));
            }),
            Door::Tcp(listener, token) => listener.accept().await.map(|(stream, _)| {
                let token: Option<Token> = Some(token.clone());
                let entrance = Entrance { caller: Caller::Token, token };
                served.spawn(serve(stream, entrance, router.clone(), place, limits));
            }),
        };
        if accepted.is_err() {
            // Out of descriptors, most likely: not for ever.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    entrance: Entrance,
    router: Router,
    place: OwnedSemaphorePermit,
    limits: Limits,
) {
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(entrance.clone());
        let mut router = router.clone();
        async move { Service::call(&mut router, request.map(Body::new)).await }
    });
    let _ = connection(stream, answer, limits).await;
    drop(place);
}

async fn connection<A, F>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: A,
    limits: Limits,
) -> io::Result<()>
where
    A: hyper::service::Service<
            Request<Incoming>,
            Response = Response,
            Error = Infallible,
            Future = F,
        >,
    F: Future<Output = Result<Response, Infallible>>,
{
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(FIELDS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answer)
        .await
        .map_err(io::Error::other)
}

/// Fields of a request head.
const FIELDS_MAX: usize = 64;
/// Bytes of a request head, and of what is read at a time.
const HEAD_BYTES_MAX: usize = 64 << 10;
