//! Which settings a running gateway takes over at a reload, and which wait for a restart.

use super::{Config, IcapServer};

/// The settings in which `next` differs from `started`, the configuration of the process, though
/// only a restart can put them into force. All others are in force for what begins after a reload.
pub(crate) fn needs_restart(started: &Config, next: &Config) -> Vec<&'static str> {
    // Taken apart by name, so that a new setting does not compile until it has its place here.
    let Config {
        listen: _,
        http1: _,
        http2: _,
        proxy_tls: _,
        clients: _,
        connect_ports: _,
        unknown_protocol: _,
        websocket: _,
        websocket_refused: _,
        proxy_protocol: _,
        socks: _,
        transparent: _,
        udp: _,
        ca: _,
        origin: _,
        resolve: _,
        limits: _,
        release: _,
        progress: _,
        quarantine: _,
        timeouts: _,
        av: _,
        dlp: _,
        clamd: _,
        icap: _,
        policy: _,
        identity: _,
        page: _,
        reload: _,
        // Records that wait in a queue would be lost with it.
        log,
        // The way to put a wrong reload right.
        admin,
        // What watches the gateway should not lose sight of it when a reload goes wrong.
        monitor,
        // Set up once for the process.
        otlp,
        events,
        // Its processes outlive a generation.
        workers,
        // What is scanned and refused follows the policy and the settings, and certificates follow
        // their files; the sockets are opened once.
        clamd_server,
        icap_server,
    } = next;
    // What it refuses by is taken over.
    let block_profiles = started.icap_server.block_profiles.clone();
    let icap_server = IcapServer { block_profiles, ..icap_server.clone() };
    [
        ("log", *log != started.log),
        ("admin", *admin != started.admin),
        ("monitor", *monitor != started.monitor),
        ("otlp", *otlp != started.otlp),
        ("events", *events != started.events),
        ("workers", *workers != started.workers),
        ("clamd_server", *clamd_server != started.clamd_server),
        ("icap_server", icap_server != started.icap_server),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_change_while_it_runs_needs_a_restart() {
        let started = Config::default();
        let mut next = Config { connect_ports: vec![1], ..Config::default() };
        next.limits.head_fields_max = 9;
        next.icap_server.block_profiles.push("financial".to_owned());
        assert!(needs_restart(&started, &next).is_empty());
        next.log.queue_records_max = 1;
        assert_eq!(needs_restart(&started, &next), ["log"]);
    }
}
