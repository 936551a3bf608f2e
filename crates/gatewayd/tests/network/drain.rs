//! Datagrams while the gateway stops, or leaves the address at which it takes them.

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

/// The address of TPROXY for datagrams in `gateway.toml`, and none.
const AT: &str = "tproxy_udp = [\"127.0.0.1:8083\"]";
const NOWHERE: &str = "tproxy_udp = []";

/// Whether somebody in the gateway's namespace listens there.
fn is_listened_at(lab: &Lab) -> bool {
    let mut cat = lab.command(Host::Gateway, "cat");
    let said = cat.arg("/proc/net/udp").output().unwrap().stdout;
    // 127.0.0.1:8083 in the words of the system.
    String::from_utf8(said).unwrap().contains(" 0100007F:1F93 ")
}

#[test]
fn flows_in_use_go_on_when_a_reload_leaves_their_address() {
    let lab = Lab::new();
    let rules = rule("none", "l4", "block", "net.dst.port == 1");
    // Nothing here is quiet for so long but what has ended.
    let mut gateway =
        Gateway::start(&lab, &rules, "[udp]\nflow_idle_ms = 3000\n[reload]\nwatch_ms = 0\n");
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    lab.nft(TPROXY);
    let talk = || lab.python(Host::Client, "udp_talk.py", &[SERVER, "53"]);
    let go_on = |log: &str| {
        let before = answers(&lab, log);
        gateway.wait_for("more answers", |_| (answers(&lab, log) > before + 10).then_some(()));
    };
    let led = lab.serve(talk(), "led.log", "answer 1");

    gateway.reload(AT, NOWHERE);
    assert!(gateway.terminal().contains("no longer listening address=127.0.0.1:8083"));
    let stranger = lab.serve(talk(), "stranger.log", "");
    go_on("led.log");
    assert_eq!(answers(&lab, "stranger.log"), 0, "nobody else comes in");

    // The same socket takes everybody again.
    gateway.reload(NOWHERE, AT);
    go_on("stranger.log");
    go_on("led.log");

    gateway.reload(AT, NOWHERE);
    go_on("stranger.log");
    assert!(is_listened_at(&lab));
    lab.end(led);
    lab.end(stranger);
    gateway.wait_for("the end of listening", |_| (!is_listened_at(&lab)).then_some(()));

    // A new one does too.
    gateway.reload(NOWHERE, AT);
    lab.serve(talk(), "late.log", "answer 1");
    let records = gateway.stop();
    let flows: Vec<_> = records.iter().filter(|record| !record["RequestID"].is_null()).collect();
    assert_eq!(flows.len(), 3, "{flows:#?}");
    for flow in &flows[..2] {
        assert_eq!(flow["ConnectionCloseReason"], "CLIENT_IDLE_TIMEOUT", "{flow}");
        assert!(flow["ClientDatagramsSent"].as_u64().unwrap() > 20, "{flow}");
    }
}
