//! The demo's step for monitoring: metrics as Prometheus reads them, compared with what was asked for.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::super::Ended;
use super::report::verdict;
use super::words::ask;

/// How long what was asked for may take until it is counted.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the monitor says.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    /// The answer of `/readyz`.
    ready: String,
    /// Requests that were blocked.
    blocked: usize,
    /// Those that were let through without a word.
    allowed: usize,
}

/// Asks the monitor at `address` until it has counted as many `blocked` requests as there were: they
/// are when their records are made, just after their clients have their answers.
pub(super) async fn counted(
    address: SocketAddr,
    blocked: usize,
) -> Result<Counted, Box<dyn Error>> {
    let until = Instant::now() + PATIENCE;
    loop {
        let metrics = get(address, "/metrics").await?;
        let counted = Counted {
            ready: get(address, "/readyz").await?.trim().to_owned(),
            blocked: sum(&metrics, "gateway_requests_total{", "action=\"block\""),
            allowed: sum(&metrics, "gateway_requests_total{", "action=\"allow\""),
        };
        if counted.blocked >= blocked || Instant::now() > until {
            return Ok(counted);
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn get(address: SocketAddr, path: &str) -> Result<String, Box<dyn Error>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    ask(TcpStream::connect(address).await?, &request).await
}

/// The sum of the samples of `metrics` whose names begin with `family` and whose labels hold `label`.
fn sum(metrics: &str, family: &str, label: &str) -> usize {
    let samples = metrics.lines().filter(|line| line.starts_with(family) && line.contains(label));
    samples.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
}

/// Prints what was counted; well only if so many were `blocked`, and somebody was let through.
pub(super) fn report(
    number: usize,
    counted: &Counted,
    blocked: usize,
    out: &mut impl Write,
) -> io::Result<Ended> {
    writeln!(out, "{number}. metrics and health, as Prometheus asks for them")?;
    writeln!(
        out,
        "   answer      {}; requests: {} blocked, {} allowed",
        counted.ready, counted.blocked, counted.allowed
    )?;
    let well = counted.ready == "ready" && counted.blocked == blocked && counted.allowed > 0;
    verdict(well, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_family_are_added_by_label() {
        let metrics = "# HELP gateway_requests_total x\n\
            gateway_requests_total{protocol=\"http1.1\",action=\"block\"} 5\n\
            gateway_requests_total{protocol=\"http2\",action=\"block\"} 2\n\
            gateway_requests_total{protocol=\"http2\",action=\"allow\"} 7\n\
            gateway_sessions_total{action=\"block\"} 9\n";
        assert_eq!(sum(metrics, "gateway_requests_total{", "action=\"block\""), 7);
        assert_eq!(sum(metrics, "gateway_requests_total{", "action=\"none\""), 0);
    }
}
