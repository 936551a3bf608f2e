//! `gateway-proxy run`: serve until told to stop.

use std::error::Error;
use std::sync::Arc;

use gateway_sinks::Sinks;
use tokio::signal::unix::{SignalKind, signal};

use super::Ended;
use crate::args::{GlobalArgs, RunArgs};
use crate::serve::{Gateway, Listeners};
use crate::startup;
use crate::workers::Workers;

/// Serves until SIGTERM or SIGINT, then lets clients finish.
pub(super) fn run(global: &GlobalArgs, args: &RunArgs) -> Result<Ended, Box<dyn Error>> {
    let ready = startup::prepare(global, args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let listeners = Listeners::bind(&ready.config.listen).await?;
        let own = listeners.addresses();
        ready.welcome(&own, &mut std::io::stdout())?;
        let sinks = Sinks::start(&ready.config.sinks())?;
        let workers = Workers::start(&ready.config, &ready.policy).await?;
        let gateway = Gateway::new(ready.config, ready.authority, &ready.policy, sinks, own)?;
        let gateway = Arc::new(gateway.with_workers(workers));
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        listeners.serve(gateway.clone(), stop).await;
        // Whatever task still holds it is past its last word.
        let lost = Arc::into_inner(gateway).map_or(0, |gateway| gateway.sinks.close());
        if lost > 0 {
            return Err(format!("{lost} records could not be written").into());
        }
        Ok(Ended::Well)
    })
}
