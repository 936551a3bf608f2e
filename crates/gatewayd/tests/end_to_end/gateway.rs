//! The gateway under test: a child process with a state folder of its own.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::authority::OriginAuthority;
use crate::origin::Origin;

/// What no event of a test takes, on a machine however busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Names that lead to this host.
const NAMES: [&str; 4] = ["origin.test", "blocked.test", "other.test", "opaque.test"];

/// What a gateway is started with.
pub(crate) struct Setup {
    port: u16,
    connect_ports: Vec<u16>,
    origin: String,
    allow: &'static str,
    names: String,
    timeouts: String,
    settings: String,
    tables: String,
    rules: String,
    policy_files: Vec<(String, Vec<u8>)>,
    files: Vec<(String, String)>,
}

impl Setup {
    /// A gateway without a rule, that may connect to this host.
    pub(crate) fn new() -> Self {
        Self {
            port: 0,
            connect_ports: vec![443],
            origin: String::new(),
            allow: "127.0.0.0/8",
            names: String::new(),
            timeouts: String::new(),
            settings: String::new(),
            tables: String::new(),
            rules: String::new(),
            policy_files: Vec::new(),
            files: Vec::new(),
        }
    }

    /// CONNECT may name the port of `origin`.
    pub(crate) fn tunnels_to(self, origin: &Origin) -> Self {
        self.tunnels_to_port(origin.port)
    }

    /// CONNECT may name `port`.
    pub(crate) fn tunnels_to_port(mut self, port: u16) -> Self {
        self.connect_ports.push(port);
        self
    }

    /// It listens on `port` and no free one.
    pub(crate) fn listens_on(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// `authority` vouches for origins.
    pub(crate) fn trusts(mut self, authority: &OriginAuthority) -> Self {
        self.origin.push_str(&authority.pem());
        self
    }

    /// `name` is at `address`.
    pub(crate) fn resolves(mut self, name: &str, address: &str) -> Self {
        writeln!(self.names, "\"{name}\" = [\"{address}\"]").unwrap();
        self
    }

    /// No address that is not on the Internet may be connected to.
    pub(crate) fn internet_only(mut self) -> Self {
        self.allow = "";
        self
    }

    /// Sets one of `[timeouts]`.
    pub(crate) fn timeout(mut self, name: &str, value_ms: u64) -> Self {
        writeln!(self.timeouts, "{name} = {value_ms}").unwrap();
        self
    }

    /// Adds settings before the tables of the configuration.
    pub(crate) fn settings(mut self, settings: &str) -> Self {
        self.settings.push_str(settings);
        self
    }

    /// Adds tables to the configuration.
    pub(crate) fn tables(mut self, tables: &str) -> Self {
        self.tables.push_str(tables);
        self
    }

    /// Adds a rule that blocks what `filter` matches.
    pub(crate) fn block(self, id: &str, filter: &str) -> Self {
        self.rules(&format!(
            "[[rule]]\nid = \"{id}\"\nname = \"Rule {id}\"\nlayer = \"http\"\naction = \"block\"\nfilter = '{filter}'\n\n"
        ))
    }

    /// Puts a file into the policy folder.
    pub(crate) fn policy_file(mut self, name: &str, contents: impl Into<Vec<u8>>) -> Self {
        self.policy_files.push((name.to_owned(), contents.into()));
        self
    }

    /// Adds rules in the form of `rules.toml`.
    pub(crate) fn rules(mut self, rules: &str) -> Self {
        self.rules.push_str(rules);
        self
    }

    /// Puts a file beside its configuration.
    pub(crate) fn file(mut self, name: &str, contents: &str) -> Self {
        self.files.push((name.to_owned(), contents.to_owned()));
        self
    }

    /// Starts the gateway.
    pub(crate) fn start(self) -> Gateway {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("end-to-end-{}-{number}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(dir.join("policy")).unwrap();
        fs::write(dir.join("gateway.toml"), self.config()).unwrap();
        for (name, contents) in &self.files {
            fs::write(dir.join(name), contents).unwrap();
        }
        fs::write(dir.join("origin-ca.pem"), &self.origin).unwrap();
        fs::write(dir.join("policy/rules.toml"), &self.rules).unwrap();
        for (name, contents) in &self.policy_files {
            let path = dir.join("policy").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
        Gateway::start(dir)
    }

    fn config(&self) -> String {
        let extra_ca = if self.origin.is_empty() { "" } else { "\"origin-ca.pem\"" };
        let allow = if self.allow.is_empty() { "" } else { "\"127.0.0.0/8\"" };
        let (port, ports) = (self.port, &self.connect_ports);
        let resolve: String =
            NAMES.iter().map(|name| format!("\"{name}\" = [\"127.0.0.1\"]\n")).collect();
        format!(
            "listen = [\"127.0.0.1:{port}\"]\nconnect_ports = {ports:?}\n{}\
             [origin]\nextra_ca = [{extra_ca}]\nallow = [{allow}]\n\
             [resolve]\n{resolve}{}[timeouts]\n{}{}",
            self.settings, self.names, self.timeouts, self.tables
        )
    }
}

/// A gateway that runs.
pub(crate) struct Gateway {
    pub(crate) port: u16,
    child: Child,
    dir: PathBuf,
    terminal: Arc<Mutex<String>>,
}

impl Gateway {
    fn start(dir: PathBuf) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gateway-proxy"))
            .arg("--state")
            .arg(&dir)
            .arg("run")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let terminal = Arc::new(Mutex::new(String::new()));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        gather(stdout, terminal.clone());
        gather(stderr, terminal.clone());
        let mut gateway = Self { port: 0, child, dir, terminal };
        gateway.port = gateway.wait_for("the address that it listens on", |gateway| {
            let terminal = gateway.terminal();
            let address = terminal.split("listens on 127.0.0.1:").nth(1)?;
            address.lines().next()?.parse().ok()
        });
        gateway
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A file of its policy folder.
    pub(crate) fn policy_path(&self, name: &str) -> PathBuf {
        self.dir.join("policy").join(name)
    }

    /// The port of the proxy in TLS, which a table of the configuration has asked for.
    pub(crate) fn tls_port(&self) -> u16 {
        self.wait_for("the address that it listens on in TLS", |gateway| {
            let terminal = gateway.terminal();
            let line = terminal.lines().find(|line| line.ends_with(" in TLS"))?;
            line.trim_end_matches(" in TLS").rsplit(':').next()?.parse().ok()
        })
    }

    /// A folder of its own for what a test needs besides.
    pub(crate) fn scratch(&self) -> PathBuf {
        let dir = self.dir.join("scratch");
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    /// The certificate of its authority.
    pub(crate) fn ca(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// The certificate of the authority that it trusts for origins.
    pub(crate) fn origin_ca(&self) -> PathBuf {
        self.dir.join("origin-ca.pem")
    }

    /// What it has printed.
    pub(crate) fn terminal(&self) -> String {
        self.terminal.lock().unwrap().clone()
    }

    /// The file of records as it stands.
    pub(crate) fn records_text(&self) -> String {
        fs::read_to_string(self.dir.join("log/records.jsonl")).unwrap_or_default()
    }

    /// The records so far; all of them once the gateway has stopped.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = self.records_text();
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The first record of a request whose URL ends in `url`, once it is written.
    pub(crate) fn http_record(&self, url: &str) -> Value {
        self.wait_for(&format!("a record of {url}"), |gateway| {
            gateway.records().into_iter().find(|record| {
                record["RecordType"] == "http"
                    && record["URL"].as_str().is_some_and(|found| found.ends_with(url))
            })
        })
    }

    /// Waits until `event` has come.
    pub(crate) fn wait_for<T>(&self, what: &str, event: impl Fn(&Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = event(self) {
                return found;
            }
            let log = || format!("{}\n{}", self.terminal(), self.records_text());
            assert!(Instant::now() < until, "no sign of {what}\n{}", log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Puts `contents` into the place of one of its files.
    pub(crate) fn write(&self, name: &str, contents: &str) {
        let new = self.dir.join(format!(".{}", name.replace('/', "-")));
        fs::write(&new, contents).unwrap();
        fs::rename(new, self.dir.join(name)).unwrap();
    }

    /// One of its files.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.join(name)).unwrap()
    }

    /// Runs another command of the program on its folder.
    pub(crate) fn command(&self, words: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_gateway-proxy"))
            .arg("--state")
            .arg(&self.dir)
            .args(words)
            .output()
            .unwrap()
    }

    /// Makes it load everything anew, and waits until it has said how that went.
    pub(crate) fn reload(&self) {
        let count = |gateway: &Self| {
            let terminal = gateway.terminal();
            terminal.matches("cause=\"signal\"").count()
        };
        let before = count(self);
        self.signal("-HUP");
        self.wait_for("the end of a reload", |gateway| (count(gateway) > before).then_some(()));
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Waits until it has stopped.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it does not stop\n{}", self.terminal());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Lets it finish, and gives all its records.
    pub(crate) fn stop(&mut self) -> Vec<Value> {
        self.terminate();
        let status = self.wait();
        assert!(status.success(), "{status}\n{}", self.terminal());
        self.records()
    }

    /// A line of its `/proc/PID/status`, in KiB.
    pub(crate) fn memory_kib(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Puts every line that comes at the end of `into`.
fn gather(from: impl BufRead + Send + 'static, into: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in from.lines().map_while(Result::ok) {
            let mut into = into.lock().unwrap();
            into.push_str(&line);
            into.push('\n');
        }
    });
}
