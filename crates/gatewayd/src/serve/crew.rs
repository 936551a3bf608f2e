//! The threads on which sessions run: one for each core, each with a runtime of its own.
//!
//! A session, and all that it waits for, stays on the thread that accepted its client; what else the
//! gateway does runs elsewhere. On one runtime over all cores each event would wake a second thread
//! to see whether there is something left to do: measured with two cores, that costs as much again
//! as the request itself.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long what was begun away from these threads may hold up their end.
const END: Duration = Duration::from_secs(1);

/// All of the threads.
#[derive(Debug)]
pub(crate) struct Crew {
    members: Vec<Member>,
}

/// One of them.
#[derive(Debug)]
struct Member {
    runtime: Handle,
    /// What ends it; taken once.
    ends: Mutex<Option<(oneshot::Sender<()>, thread::JoinHandle<()>)>>,
}

impl Crew {
    /// Starts as many threads as there are cores.
    ///
    /// # Errors
    ///
    /// What the system says when it has no more threads or descriptors.
    pub(crate) fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { members: (0..cores).map(Member::start).collect::<io::Result<_>>()? })
    }

    /// Runs what `make` gives on each of the threads.
    pub(crate) fn spawn_on_each<F>(&self, mut make: impl FnMut() -> F) -> Vec<JoinHandle<()>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.members.iter().map(|member| member.runtime.spawn(make())).collect()
    }

    /// Ends the threads and drops what still runs on them. Not to be called on one of them.
    pub(crate) async fn end(&self) {
        let threads: Vec<_> = self.members.iter().filter_map(Member::stop).collect();
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                // One that broke down has ended too.
                let _ = thread.join();
            }
        });
        let _ = joined.await;
    }
}

impl Member {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name(format!("session-{number}")).spawn(move || {
            // Whoever drops the other end wants it stopped as well.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_timeout(END);
        })?;
        Ok(Self { runtime: handle, ends: Mutex::new(Some((stop, thread))) })
    }

    fn stop(&self) -> Option<thread::JoinHandle<()>> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (stop, thread) = ends?;
        let _ = stop.send(());
        Some(thread)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn each_thread_runs_its_own_and_what_runs_ends_with_it() {
        let crew = Crew::start().unwrap();
        let seen = Arc::new(Mutex::new(HashSet::new()));
        let tasks = crew.spawn_on_each(|| {
            let seen = seen.clone();
            async move {
                seen.lock().unwrap().insert(thread::current().id());
            }
        });
        let threads = tasks.len();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(seen.lock().unwrap().len(), threads);
        let endless = crew.spawn_on_each(std::future::pending);
        crew.end().await;
        for task in endless {
            assert!(task.await.unwrap_err().is_cancelled());
        }
    }
}
