//! Three hosts in namespaces: a client, the gateway between, and a server.
//!
//! ```text
//!  client 10.81.1.2 ── 10.81.1.1 gateway 10.81.2.1 ── 10.81.2.2, 10.81.2.3 server
//!        fd81:1::2     fd81:1::1         fd81:2::1     fd81:2::2, fd81:2::3, where asked for
//! ```

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What no event of a test takes, on a machine however busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) const SERVER: &str = "10.81.2.2";
pub(crate) const SERVER_V6: &str = "fd81:2::2";

/// One of the hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Client,
    Gateway,
    Server,
}

/// Three hosts, until this is dropped.
pub(crate) struct Lab {
    name: String,
    pub(crate) dir: PathBuf,
    /// Whether the hosts have addresses of IPv6 too.
    pub(crate) has_ipv6: bool,
    children: Mutex<Vec<Child>>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let id = Command::new("id").arg("-u").output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&id.stdout).trim(),
            "0",
            "network namespaces need root: run this test as root"
        );
        let name = format!("gw{}-{number}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("network-{name}"));
        fs::create_dir_all(&dir).unwrap();
        let lab = Self { name, dir, has_ipv6: false, children: Mutex::default() };
        for host in [Host::Client, Host::Gateway, Host::Server] {
            run(Command::new("ip").args(["netns", "add", &lab.namespace(host)]));
            lab.ip(host, "link set lo up");
        }
        let (client, gateway) = (lab.namespace(Host::Client), lab.namespace(Host::Gateway));
        let server = lab.namespace(Host::Server);
        lab.ip(Host::Gateway, &format!("link add inside type veth peer name eth netns {client}"));
        lab.ip(Host::Gateway, &format!("link add outside type veth peer name eth netns {server}"));
        for (host, device, addresses) in [
            (Host::Gateway, "inside", &["10.81.1.1/24"][..]),
            (Host::Gateway, "outside", &["10.81.2.1/24"]),
            (Host::Client, "eth", &["10.81.1.2/24"]),
            (Host::Server, "eth", &["10.81.2.2/24", "10.81.2.3/24"]),
        ] {
            for address in addresses {
                lab.ip(host, &format!("address add {address} dev {device}"));
            }
            lab.ip(host, &format!("link set {device} up"));
        }
        lab.ip(Host::Client, "route add default via 10.81.1.1");
        lab.ip(Host::Server, "route add default via 10.81.2.1");
        // What the firewall marks is this host's own.
        lab.ip(Host::Gateway, "rule add fwmark 1 lookup 100");
        lab.ip(Host::Gateway, "route add local 0.0.0.0/0 dev lo table 100");
        let forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
        run(lab.command(Host::Gateway, "sh").args(["-c", forward]));
        assert!(!gateway.is_empty());
        lab
    }

    /// Three hosts that have IPv6 too. Nothing of it is forwarded: what comes to the server came
    /// through the gateway.
    pub(crate) fn with_ipv6() -> Self {
        let mut lab = Self::new();
        lab.has_ipv6 = true;
        for (host, device, address) in [
            (Host::Gateway, "inside", "fd81:1::1"),
            (Host::Gateway, "outside", "fd81:2::1"),
            (Host::Client, "eth", "fd81:1::2"),
            (Host::Server, "eth", "fd81:2::2"),
            (Host::Server, "eth", "fd81:2::3"),
        ] {
            // Nobody else can have it: it need not be asked for.
            lab.ip(host, &format!("address add {address}/64 dev {device} nodad"));
        }
        lab.ip(Host::Client, "-6 route add default via fd81:1::1");
        lab.ip(Host::Server, "-6 route add default via fd81:2::1");
        lab.ip(Host::Gateway, "-6 rule add fwmark 1 lookup 100");
        lab.ip(Host::Gateway, "-6 route add local ::/0 dev lo table 100");
        lab
    }

    fn namespace(&self, host: Host) -> String {
        let letter = match host {
            Host::Client => 'c',
            Host::Gateway => 'g',
            Host::Server => 's',
        };
        format!("{}{letter}", self.name)
    }

    fn ip(&self, host: Host, words: &str) {
        let namespace = self.namespace(host);
        run(Command::new("ip").args(["-n", &namespace]).args(words.split(' ')));
    }

    /// Loads rules into the firewall of the gateway.
    pub(crate) fn nft(&self, rules: &str) {
        let mut nft = self.command(Host::Gateway, "nft");
        let mut nft = nft.args(["-f", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        nft.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        assert!(nft.wait().unwrap().success(), "{rules}");
    }

    /// A program on a host.
    pub(crate) fn command(&self, host: Host, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(host), program]).current_dir(&self.dir);
        command.stdin(Stdio::null());
        command
    }

    /// A program of the tests in Python, with its arguments.
    pub(crate) fn python(&self, host: Host, script: &str, arguments: &[&str]) -> Command {
        let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/bin/python3");
        assert!(python.exists(), "{} is missing: `cargo xtask test` makes it", python.display());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/network").join(script);
        let mut command = self.command(host, python.to_str().unwrap());
        command.env("PYTHONUNBUFFERED", "1").arg(script).args(arguments);
        command
    }

    /// Starts a program that runs until the test ends, and waits until it says `ready`. Gives its
    /// number.
    pub(crate) fn serve(&self, mut command: Command, log: &str, ready: &str) -> usize {
        let file = fs::File::create(self.dir.join(log)).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        let number = {
            let mut children = self.children.lock().unwrap();
            children.push(command.spawn().unwrap());
            children.len() - 1
        };
        self.wait_for_line(log, ready);
        number
    }

    /// Ends the program of that number.
    pub(crate) fn end(&self, number: usize) {
        let child = &mut self.children.lock().unwrap()[number];
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits until a program has said `line`.
    pub(crate) fn wait_for_line(&self, log: &str, line: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = fs::read_to_string(self.dir.join(log)).unwrap_or_default();
            if said.contains(line) {
                return;
            }
            assert!(Instant::now() < until, "no `{line}` in {log}:\n{said}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs `curl` at the client, with the authority in the file `ca` as the only one to trust.
    pub(crate) fn curl(&self, ca: &str, arguments: &[&str]) -> Fetched {
        self.curl_to(SERVER, ca, arguments)
    }

    /// The same, with all names leading to `server`.
    pub(crate) fn curl_to(&self, server: &str, ca: &str, arguments: &[&str]) -> Fetched {
        let mut command = self.command(Host::Client, "curl");
        command.args(["-q", "-s", "-g", "--max-time", "30", "--noproxy", ""]);
        command.args(["--cacert", ca, "--write-out", "\n%{http_code}"]);
        let server = url_host(server);
        for name in ["origin.test", "private.test", "other.test"] {
            for port in [80, 443] {
                command.args(["--resolve", &format!("{name}:{port}:{server}")]);
            }
        }
        let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&stdout).into_owned();
        let (body, code) = said.rsplit_once('\n').unwrap_or((&said, "0"));
        let errors = String::from_utf8_lossy(&stderr).into_owned();
        Fetched {
            exit: status.code().unwrap_or(-1),
            status: code.parse().unwrap_or(0),
            body: body.to_owned() + &errors,
        }
    }
}

/// What `curl` came back with.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) exit: i32,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Drop for Lab {
    fn drop(&mut self) {
        for child in self.children.get_mut().unwrap() {
            let _ = child.kill();
            let _ = child.wait();
        }
        for host in [Host::Client, Host::Gateway, Host::Server] {
            let _ = Command::new("ip").args(["netns", "del", &self.namespace(host)]).output();
        }
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// An address as it stands in a URL.
pub(crate) fn url_host(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.to_owned() }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
