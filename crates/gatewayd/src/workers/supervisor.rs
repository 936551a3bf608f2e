//! The life of one Worker: its process is watched, started anew when it ends, and relieved by another
//! when other code is in force.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::Base;
use super::instance::{Ended, Instance, Process};
use super::worker::Worker;

/// The pause before a process that ended is started again: the first, and the longest.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A process that has served for so long is started again after the first pause.
const STEADY: Duration = Duration::from_secs(10);

/// What a supervisor is told.
pub(super) enum Order {
    /// This process serves from now on; the one before may finish for so long.
    TakeOver(Box<Process>, Duration),
    /// The Worker is to end; what is with it may finish for so long.
    Stop(Duration),
}

/// What happens next.
enum Next {
    Ended(Ended),
    Told(Order),
}

/// Runs a Worker until it is told to stop.
pub(super) async fn supervise(
    base: Arc<Base>,
    worker: Arc<Worker>,
    first: Process,
    mut orders: UnboundedReceiver<Order>,
) {
    let mut process = first;
    let mut pause = PAUSE;
    let nobody_left = || Order::Stop(Duration::ZERO);
    loop {
        let since = Instant::now();
        let next = tokio::select! {
            ended = process.watch(base.health) => Next::Ended(ended),
            order = orders.recv() => Next::Told(order.unwrap_or_else(nobody_left)),
        };
        match next {
            Next::Told(Order::Stop(drain)) => return see_off(&worker, process, drain).await,
            Next::Told(Order::TakeOver(new, drain)) => {
                info!(worker = worker.name, version = new.instance.version(), "runs other code");
                let old = std::mem::replace(&mut process, *new);
                // A process that was just started anew may have been named in between.
                worker.serve_by(Some(process.instance.clone()));
                tokio::spawn(async move {
                    old.instance.retire(drain).await;
                    old.end().await;
                });
            }
            Next::Ended(ended) => {
                warn!(worker = worker.name, "{ended}");
                worker.serve_by(None);
                process.end().await;
                pause = if since.elapsed() >= STEADY { PAUSE } else { pause };
                match again(&base, &worker, &mut pause, &mut orders).await {
                    Some(new) => process = new,
                    None => return,
                }
            }
        }
    }
}

/// Lets a process finish and ends it.
async fn see_off(worker: &Worker, process: Process, drain: Duration) {
    process.instance.retire(drain).await;
    worker.serve_by(None);
    process.end().await;
}

/// Starts a process until one serves, or takes the one that is handed over; `None` if it is told to
/// stop.
async fn again(
    base: &Arc<Base>,
    worker: &Worker,
    pause: &mut Duration,
    orders: &mut UnboundedReceiver<Order>,
) -> Option<Process> {
    loop {
        tokio::select! {
            () = sleep(*pause) => {}
            order = orders.recv() => match order {
                Some(Order::TakeOver(new, _)) => return Some(*new),
                Some(Order::Stop(_)) | None => return None,
            },
        }
        *pause = (*pause * 2).min(PAUSE_MAX);
        match Instance::start(base, &worker.source()).await {
            Ok(process) => {
                // While it started, other code may have come.
                if let Ok(Order::TakeOver(new, _)) = orders.try_recv() {
                    process.end().await;
                    return Some(*new);
                }
                worker.serve_by(Some(process.instance.clone()));
                return Some(process);
            }
            Err(error) => warn!(worker = worker.name, "{error}"),
        }
    }
}
