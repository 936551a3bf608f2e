//! Looks now and then whether files have changed. Polling costs a few system calls, sees changes
//! on every kind of file system and through every link, and needs no watch for each folder.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::fingerprint::Fingerprint;
use super::{Cause, ReloadError, Reloaded, Reloader};

/// How often it is asked again whether to look at all.
const ASLEEP: Duration = Duration::from_secs(2);

/// Loads everything anew whenever files have changed and then looked the same twice, so that what
/// is half written is not loaded; `told` hears how it went. Never ends.
pub(crate) async fn watch(
    reloader: Arc<Reloader>,
    told: impl Fn(Cause, &Result<Reloaded, ReloadError>),
) {
    let mut changed: Option<Fingerprint> = None;
    loop {
        let interval = reloader.live.current().config.reload.watch_ms;
        if interval == 0 {
            sleep(ASLEEP).await;
            continue;
        }
        sleep(Duration::from_millis(interval)).await;
        let Some(look) = look(&reloader).await else { continue };
        if look == reloader.seen() {
            changed = None;
        } else if changed.as_ref() == Some(&look) {
            changed = None;
            let result = reloader.reload(Cause::Files).await;
            told(Cause::Files, &result);
        } else {
            changed = Some(look);
        }
    }
}

/// Loads everything anew when somebody asks and files have changed since, without waiting whether
/// they change once more; `told` hears how it went. Never ends.
pub(crate) async fn heed(
    reloader: Arc<Reloader>,
    told: impl Fn(Cause, &Result<Reloaded, ReloadError>),
) {
    loop {
        reloader.asked.notified().await;
        if look(&reloader).await.is_some_and(|look| look != reloader.seen()) {
            let result = reloader.reload(Cause::Client).await;
            told(Cause::Client, &result);
        }
    }
}

/// What the files look like now.
async fn look(reloader: &Arc<Reloader>) -> Option<Fingerprint> {
    let reloader = reloader.clone();
    tokio::task::spawn_blocking(move || reloader.fingerprint()).await.ok()
}
