//! Datagrams while the gateway stops.

use std::fs;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab, SERVER};
use crate::transparent::TPROXY;

/// How many answers a client has had that runs in the background.
fn answers(lab: &Lab, log: &str) -> usize {
    fs::read_to_string(lab.dir.join(log)).unwrap_or_default().matches("answer ").count()
}

#[test]
fn flows_in_use_go_on_while_the_gateway_stops() {
    let lab = Lab::new();
    // Longer than anything here takes: what ends before has ended by itself.
    let settings = "[udp]\ndrain_idle_ms = 5000\n";
    let mut gateway = Gateway::start_draining(
        &lab,
        &rule("none", "l4", "block", "net.dst.port == 1"),
        settings,
        600_000,
    );
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    lab.nft(TPROXY);
    let led = lab.python(Host::Client, "udp_talk.py", &[SERVER, "53"]);
    let led = lab.serve(led, "led.log", "answer 1");
    let relayed = lab.python(Host::Client, "udp_talk.py", &[SERVER, "53", "10.81.1.1", "8080"]);
    let relayed = lab.serve(relayed, "relayed.log", "answer 1");

    gateway.terminate();
    gateway.wait_for("the end of accepting", |_| {
        let connected =
            lab.curl("ca.pem", &["--proxy", "http://10.81.1.1:8080", "http://origin.test/"]);
        // 7: nobody listens there.
        (connected.exit == 7).then_some(())
    });
    for log in ["led.log", "relayed.log"] {
        let before = answers(&lab, log);
        gateway.wait_for("more answers", |_| (answers(&lab, log) > before + 5).then_some(()));
    }
    // Nobody else comes in.
    let stranger = lab.python(Host::Client, "udp_talk.py", &[SERVER, "53"]);
    lab.serve(stranger, "stranger.log", "");
    let before = answers(&lab, "led.log");
    gateway.wait_for("more answers", |_| (answers(&lab, "led.log") > before + 10).then_some(()));
    assert_eq!(answers(&lab, "stranger.log"), 0);

    lab.end(led);
    lab.end(relayed);
    let records = gateway.stop();
    let flows: Vec<_> = records.iter().filter(|record| !record["RequestID"].is_null()).collect();
    assert_eq!(flows.len(), 2, "{flows:#?}");
    for flow in flows {
        assert!(flow["ClientDatagramsSent"].as_u64().unwrap() > 5, "{flow}");
    }
}
