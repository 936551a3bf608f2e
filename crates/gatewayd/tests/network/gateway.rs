//! The gateway under test, on its host.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::certificates;
use crate::lab::{Host, Lab, PATIENCE};

/// A gateway that runs in a lab.
pub(crate) struct Gateway<'a> {
    pub(crate) lab: &'a Lab,
    child: Child,
}

/// A rule of `rules.toml`.
pub(crate) fn rule(id: &str, layer: &str, action: &str, filter: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nname = \"Rule {id}\"\nlayer = \"{layer}\"\naction = \"{action}\"\nfilter = '{filter}'\n\n"
    )
}

impl<'a> Gateway<'a> {
    /// Starts it, with the rules of the test and more `settings`.
    pub(crate) fn start(lab: &'a Lab, rules: &str, settings: &str) -> Self {
        Self::start_draining(lab, rules, settings, 300)
    }

    /// The same, with so many milliseconds for what is in progress when it stops.
    pub(crate) fn start_draining(lab: &'a Lab, rules: &str, settings: &str, drain_ms: u64) -> Self {
        let dir = &lab.dir;
        certificates::write(dir, &["origin.test", "private.test"]);
        fs::create_dir_all(dir.join("policy")).unwrap();
        fs::write(dir.join("policy/rules.toml"), rules).unwrap();
        let (v4, v6) = (["10.81.1.1", "127.0.0.1"], ["[fd81:1::1]", "[::1]"]);
        let families = if lab.has_ipv6 { vec![v4, v6] } else { vec![v4] };
        let of = |index: usize, port: u16| {
            let addresses = families.iter().map(|family| format!("{}:{port}", family[index]));
            format!("{:?}", addresses.collect::<Vec<_>>())
        };
        let (redirect, tproxy, tproxy_udp) = (of(0, 8081), of(1, 8082), of(1, 8083));
        let config = format!(
            "listen = [\"10.81.1.1:8080\"]\nclients = [\"10.81.1.0/24\", \"fd81:1::/64\"]\n\
             [transparent]\nredirect = {redirect}\ntproxy = {tproxy}\ntproxy_udp = {tproxy_udp}\n\
             [origin]\nextra_ca = [\"origin-ca.pem\"]\n\
             allow = [\"10.81.2.0/24\", \"fd81:2::/64\"]\n\
             [resolve]\n\"origin.test\" = [\"10.81.2.2\"]\n\"private.test\" = [\"10.81.2.2\"]\n\
             [timeouts]\ndrain_ms = {drain_ms}\nclient_hello_ms = 3000\n[socks]\noffer = \"tcp+udp\"\n\
             {settings}"
        );
        fs::write(dir.join("gateway.toml"), config).unwrap();
        let log = fs::File::create(dir.join("gateway.log")).unwrap();
        let child = lab
            .command(Host::Gateway, env!("CARGO_BIN_EXE_gateway-proxy"))
            .args(["--state", dir.to_str().unwrap(), "run"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let gateway = Self { lab, child };
        gateway.wait_for("its listeners", |gateway| {
            let last = gateway.terminal().matches("datagrams by TPROXY on").count();
            (last == families.len()).then_some(())
        });
        gateway
    }

    pub(crate) fn terminal(&self) -> String {
        fs::read_to_string(self.lab.dir.join("gateway.log")).unwrap_or_default()
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.lab.dir.join("log/records.jsonl")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The first record that `is` the one, once it is written.
    pub(crate) fn record(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.wait_for(what, |gateway| gateway.records().into_iter().find(&is))
    }

    pub(crate) fn wait_for<T>(&self, what: &str, event: impl Fn(&Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = event(self) {
                return found;
            }
            let said = || format!("{}\n{:#?}", self.terminal(), self.records());
            assert!(Instant::now() < until, "no sign of {what}\n{}", said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Changes its settings, and waits until they are in force.
    pub(crate) fn reload(&self, from: &str, to: &str) {
        let file = self.lab.dir.join("gateway.toml");
        let settings = fs::read_to_string(&file).unwrap();
        assert!(settings.contains(from), "{settings}");
        fs::write(&file, settings.replace(from, to)).unwrap();
        let in_force = |gateway: &Self| gateway.terminal().matches("a new generation").count();
        let before = in_force(self);
        self.signal("-HUP");
        self.wait_for("the new settings", |gateway| (in_force(gateway) > before).then_some(()));
    }

    /// Lets it finish, and gives all its records.
    pub(crate) fn stop(&mut self) -> Vec<Value> {
        self.terminate();
        let until = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it does not stop\n{}", self.terminal());
            thread::sleep(Duration::from_millis(20));
        }
        self.records()
    }
}

impl Drop for Gateway<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{}\n{:#?}", self.terminal(), self.records());
        }
    }
}
