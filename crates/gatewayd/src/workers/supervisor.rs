//! The life of one Worker: its process is watched, replaced when it ends, and replaced without loss
//! when the code changes.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::instance::{Instance, Process};
use super::worker::Worker;
use super::{Shared, Stop};
use crate::policy::{self, WorkerSource};

/// The pause before a process that ended is started again: the first, and the longest.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A process that has served for so long is started again after the first pause.
const STEADY: Duration = Duration::from_secs(10);
/// How often the code is looked at for changes.
const LOOK: Duration = Duration::from_millis(500);

/// What happens next.
enum Next {
    Ended(super::instance::Ended),
    Changed(WorkerSource),
    Stop,
}

/// Runs a Worker until it is told to stop.
pub(super) async fn supervise(
    shared: Arc<Shared>,
    worker: Arc<Worker>,
    first: Process,
    mut stop: watch::Receiver<Stop>,
) {
    let mut process = first;
    let mut pause = PAUSE;
    // Code that does not start is told once, not at every look.
    let mut refused = String::new();
    loop {
        let since = Instant::now();
        let version = process.instance.version().to_owned();
        let next = tokio::select! {
            ended = process.watch(shared.health) => Next::Ended(ended),
            changed = changed(&shared, &worker.name, &version, &refused) => Next::Changed(changed),
            _ = stop.wait_for(|stop| *stop == Stop::Now) => Next::Stop,
        };
        match next {
            Next::Stop => {
                worker.current.send_replace(None);
                process.end(&shared).await;
                return worker.go();
            }
            Next::Changed(source) => match Instance::start(&shared, &source).await {
                Ok(new) => {
                    worker.current.send_replace(Some(new.instance.clone()));
                    let old = std::mem::replace(&mut process, new);
                    say(&worker.name, &format!("now runs version {}", source.version));
                    let shared = shared.clone();
                    tokio::spawn(async move {
                        old.instance.retire(shared.drain).await;
                        old.end(&shared).await;
                    });
                }
                Err(error) => {
                    let kept = format!("version {} is kept: {error}", version);
                    say(&worker.name, &kept);
                    refused = source.version;
                }
            },
            Next::Ended(ended) => {
                say(&worker.name, &ended.to_string());
                worker.current.send_replace(None);
                process.end(&shared).await;
                pause = if since.elapsed() >= STEADY { PAUSE } else { pause };
                match again(&shared, &worker, &mut pause, &mut stop).await {
                    Some(new) => process = new,
                    None => return worker.go(),
                }
                worker.current.send_replace(Some(process.instance.clone()));
            }
        }
    }
}

/// Starts a process until one serves; `None` if it is told to stop.
async fn again(
    shared: &Shared,
    worker: &Worker,
    pause: &mut Duration,
    stop: &mut watch::Receiver<Stop>,
) -> Option<Process> {
    loop {
        tokio::select! {
            () = sleep(*pause) => {}
            _ = stop.wait_for(|stop| *stop == Stop::Now) => return None,
        }
        *pause = (*pause * 2).min(PAUSE_MAX);
        let started = match policy::load_worker(&shared.policy_dir, &worker.name) {
            Ok(source) => Instance::start(shared, &source).await.map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match started {
            Ok(process) => return Some(process),
            Err(error) => say(&worker.name, &error),
        }
    }
}

/// Waits until the code is neither of the version that runs nor of the one that did not start.
/// What cannot be read is looked at again: it may be in the middle of being written.
async fn changed(shared: &Shared, name: &str, version: &str, refused: &str) -> WorkerSource {
    loop {
        sleep(LOOK).await;
        let (dir, name) = (shared.policy_dir.clone(), name.to_owned());
        let looked = tokio::task::spawn_blocking(move || policy::load_worker(&dir, &name)).await;
        if let Ok(Ok(source)) = looked
            && source.version != version
            && source.version != refused
        {
            return source;
        }
    }
}

/// Tells people about a Worker.
pub(super) fn say(name: &str, what: &str) {
    let _ = writeln!(std::io::stderr(), "worker {name}: {what}");
}
