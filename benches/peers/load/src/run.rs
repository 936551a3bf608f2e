//! The scenarios: so many connections in a closed loop for so many seconds.
//!
//! Connections that stay are opened first; then `ready` is printed and a line awaited, so that
//! whoever measures sees the steady state alone.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::task::{JoinSet, LocalSet};

use crate::Failure;
use crate::connection::{Http1, Target, exchange2};

/// What came of a run.
#[derive(Default)]
struct Sum {
    bytes: u64,
    errors: u64,
    first_error: Option<String>,
    /// Microseconds of each exchange.
    times: Vec<u32>,
}

type Shared = Rc<RefCell<Sum>>;

/// Runs a scenario and prints `requests bytes errors p50 p99`, times in microseconds.
pub(crate) async fn run(scenario: &str, target: Target, seconds: f64) -> Result<(), Failure> {
    let span = Duration::from_secs_f64(seconds);
    let sum = Shared::default();
    let local = LocalSet::new();
    let clients = sum.clone();
    local
        .run_until(async move {
            match scenario {
                "A" => plain(&target, 64, span, clients).await,
                "D" => intercepted(&target, "1k", 64, span, clients).await,
                "E" => multiplexed(&target, 32, span, clients).await,
                "F1" => handshakes(&target, 16, span, clients).await,
                "G1" => intercepted(&target, "10m", 4, span, clients).await,
                other => Err(format!("no scenario {other}").into()),
            }
        })
        .await?;
    let mut sum = sum.borrow_mut();
    sum.times.sort_unstable();
    let at = |part: usize| sum.times.get(sum.times.len() * part / 100).copied().unwrap_or(0);
    let (p50, p99) = (at(50), at(99));
    println!("{} {} {} {p50} {p99}", sum.times.len(), sum.bytes, sum.errors);
    if let Some(error) = &sum.first_error {
        eprintln!("the first of {} errors: {error}", sum.errors);
    }
    Ok(())
}

impl Sum {
    fn add(&mut self, began: Instant, result: Result<u64, Failure>) {
        match result {
            Ok(bytes) => {
                self.bytes += bytes;
                let took = began.elapsed().as_micros();
                self.times.push(u32::try_from(took).unwrap_or(u32::MAX));
            }
            Err(error) => {
                self.errors += 1;
                self.first_error.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

/// Says that all is connected, and waits for leave to begin.
fn wait_for_leave() -> Result<(), Failure> {
    println!("ready");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// A: requests in absolute form on connections that stay.
async fn plain(target: &Target, count: usize, span: Duration, sum: Shared) -> Result<(), Failure> {
    let mut connections = Vec::new();
    let host = format!("localhost:{}", target.http);
    let request = format!("GET http://{host}/1k HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for _ in 0..count {
        let mut connection = target.plain().await?;
        connection.exchange(request.as_bytes()).await?;
        connections.push(connection);
    }
    closed_loop(target, connections, request, span, sum).await
}

/// D, G1: requests inside intercepted TLS on connections that stay.
async fn intercepted(
    target: &Target,
    path: &str,
    count: usize,
    span: Duration,
    sum: Shared,
) -> Result<(), Failure> {
    let tls = target.tls(b"http/1.1")?;
    let host = format!("localhost:{}", target.https);
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = Http1::new(target.secure(&tls).await?);
        connection.exchange(request.as_bytes()).await?;
        connections.push(connection);
    }
    closed_loop(target, connections, request, span, sum).await
}

/// Asks again and again; a proxy that closes a plain connection gets a new one.
async fn closed_loop(
    target: &Target,
    connections: Vec<Http1>,
    request: String,
    span: Duration,
    sum: Shared,
) -> Result<(), Failure> {
    wait_for_leave()?;
    let end = Instant::now() + span;
    let mut tasks = JoinSet::new();
    for mut connection in connections {
        let (target, request, sum) = (target.clone(), request.clone(), sum.clone());
        tasks.spawn_local(async move {
            while Instant::now() < end {
                let began = Instant::now();
                if connection.is_over {
                    match target.plain().await {
                        Ok(anew) => connection = anew,
                        Err(error) => return sum.borrow_mut().add(began, Err(error)),
                    }
                }
                let result = connection.exchange(request.as_bytes()).await;
                let failed = result.is_err();
                sum.borrow_mut().add(began, result);
                if failed {
                    return;
                }
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// E: one connection that speaks HTTP/2 inside intercepted TLS, so many streams at a time.
async fn multiplexed(
    target: &Target,
    streams: usize,
    span: Duration,
    sum: Shared,
) -> Result<(), Failure> {
    let tls = target.tls(b"h2")?;
    let stream = target.secure(&tls).await?;
    let (mut sender, connection) = h2::client::Builder::new()
        .initial_window_size(1 << 20)
        .initial_connection_window_size(16 << 20)
        .handshake::<_, Bytes>(stream)
        .await?;
    tokio::task::spawn_local(connection);
    let url = format!("https://localhost:{}/1k", target.https);
    exchange2(&mut sender, &url).await?;
    wait_for_leave()?;
    let end = Instant::now() + span;
    let mut tasks = JoinSet::new();
    for _ in 0..streams {
        let (mut sender, url, sum) = (sender.clone(), url.clone(), sum.clone());
        tasks.spawn_local(async move {
            while Instant::now() < end {
                let began = Instant::now();
                let result = exchange2(&mut sender, &url).await;
                let failed = result.is_err();
                sum.borrow_mut().add(began, result);
                if failed {
                    return;
                }
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// F1: a new connection, tunnel and handshake for each request.
async fn handshakes(
    target: &Target,
    count: usize,
    span: Duration,
    sum: Shared,
) -> Result<(), Failure> {
    let tls = target.tls(b"http/1.1")?;
    let host = format!("localhost:{}", target.https);
    let request = format!("GET /1k HTTP/1.1\r\nHost: {host}\r\n\r\n");
    Http1::new(target.secure(&tls).await?).exchange(request.as_bytes()).await?;
    wait_for_leave()?;
    let end = Instant::now() + span;
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (target, tls, request, sum) =
            (target.clone(), tls.clone(), request.clone(), sum.clone());
        tasks.spawn_local(async move {
            while Instant::now() < end {
                let began = Instant::now();
                let result = match target.secure(&tls).await {
                    Ok(stream) => Http1::new(stream).exchange(request.as_bytes()).await,
                    Err(error) => Err(error),
                };
                sum.borrow_mut().add(began, result);
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}
