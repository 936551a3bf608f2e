//! The proxies that are measured: how each is set up and started. One that is not installed is
//! left out, and said to be.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::scenario::Way;
use crate::{
    cargo,
    failure::{During, Failure},
    program::free_port,
};

/// A proxy that can be measured.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) is_ours: bool,
    /// Whether it does the work in this way.
    pub(super) can: fn(Way) -> bool,
    /// Whether it is there.
    pub(super) is_there: fn(&Bench) -> bool,
    /// Writes what it needs into `folder` and gives the command that starts it on `port`.
    command: fn(bench: &Bench, folder: &Path, port: u16, way: Way) -> Result<Command, Failure>,
}

/// Where everything is.
pub(super) struct Bench {
    /// Certificates and one folder for each peer.
    pub(super) folder: PathBuf,
    /// Built programs of `benches/peers`.
    pub(super) programs: PathBuf,
    /// The gateway, release build.
    pub(super) gateway: PathBuf,
}

/// All of them, ours first.
pub(super) const PEERS: [Peer; 7] = [
    Peer {
        name: "gateway",
        is_ours: true,
        can: |_| true,
        is_there: |bench| bench.gateway.is_file(),
        command: |bench, folder, port, _| gateway(bench, folder, port, 0, Log::Nothing),
    },
    Peer {
        name: "gateway, 1,000 rules and records",
        is_ours: true,
        can: |_| true,
        is_there: |bench| bench.gateway.is_file(),
        command: |bench, folder, port, _| gateway(bench, folder, port, 1_000, Log::Lines),
    },
    Peer {
        name: "the same and SQLite",
        is_ours: true,
        can: |_| true,
        is_there: |bench| bench.gateway.is_file(),
        command: |bench, folder, port, _| gateway(bench, folder, port, 1_000, Log::LinesAndSqlite),
    },
    Peer {
        name: "hudsucker",
        is_ours: false,
        can: |_| true,
        is_there: |bench| bench.programs.join("peer-hudsucker").is_file(),
        command: |bench, _, port, _| {
            let mut command = Command::new(bench.programs.join("peer-hudsucker"));
            command.arg(format!("127.0.0.1:{port}"));
            command.args(["proxy.pem", "proxy.key", "origin-ca.pem"].map(|f| bench.folder.join(f)));
            Ok(command)
        },
    },
    Peer {
        name: "squid",
        is_ours: false,
        can: |way| way != Way::Intercept2,
        is_there: |_| Path::new(CERTGEN).is_file(),
        command: squid,
    },
    Peer {
        name: "mitmproxy",
        is_ours: false,
        can: |_| true,
        is_there: |_| cargo::succeeds(cargo::program("mitmdump", ["--version"])),
        command: mitmproxy,
    },
    Peer {
        name: "tinyproxy",
        is_ours: false,
        // It keeps no connection open: its figure includes a new one for each request.
        can: |way| way == Way::Forward,
        is_there: |_| cargo::succeeds(cargo::program("tinyproxy", ["-v"])),
        command: |_, folder, port, _| {
            let file = folder.join("tinyproxy.conf");
            let settings = "Listen 127.0.0.1\nTimeout 600\nMaxClients 1000\nLogLevel Critical\n\
                            DisableViaHeader Yes\nAllow 127.0.0.1\n";
            write(&file, &format!("Port {port}\n{settings}"))?;
            let mut command = Command::new("tinyproxy");
            command.arg("-d").arg("-c").arg(file);
            Ok(command)
        },
    },
];

/// Debian's package `squid-openssl` brings it.
const CERTGEN: &str = "/usr/lib/squid/security_file_certgen";
/// Squid's own account, under which its helpers run.
const SQUID_USER: &str = "proxy";

/// Where the gateway writes its records.
#[derive(Clone, Copy)]
enum Log {
    Nothing,
    /// JSON lines.
    Lines,
    /// What a gateway does that is started without a word about it.
    LinesAndSqlite,
}

fn gateway(
    bench: &Bench,
    folder: &Path,
    port: u16,
    rules: usize,
    log: Log,
) -> Result<Command, Failure> {
    let policy = folder.join("policy");
    fs::create_dir_all(&policy).during(|| policy.display().to_string())?;
    write(&policy.join("rules.toml"), &(0..rules).map(rule).collect::<String>())?;
    write(&policy.join("dlp.toml"), "")?;
    let (records, sqlite) = match log {
        Log::Nothing => ("", ""),
        Log::Lines => ("records.jsonl", ""),
        Log::LinesAndSqlite => ("records.jsonl", "log"),
    };
    let settings = format!(
        "connect_ports = [443, {{PORTS}}]\n[origin]\nsystem_roots = false\nallow = [\"127.0.0.0/8\", \
         \"::1/128\"]\n[resolve]\n\"localhost\" = [\"127.0.0.1\"]\n[log]\nrecords = \"{records}\"\n\
         terminal = \"off\"\n[log.sqlite]\nfolder = \"{sqlite}\"\n"
    );
    let ports = fs::read_to_string(bench.folder.join("ports")).during(|| "ports".to_owned())?;
    write(&folder.join("gateway.toml"), &settings.replace("{PORTS}", &ports))?;
    let mut command = Command::new(&bench.gateway);
    command.args(["run", "--listen", &format!("127.0.0.1:{port}"), "--state"]).arg(folder);
    for (flag, file) in
        [("--ca-cert", "proxy.pem"), ("--ca-key", "proxy.key"), ("--origin-ca", "origin-ca.pem")]
    {
        command.arg(flag).arg(bench.folder.join(file));
    }
    Ok(command)
}

/// One of many rules of the kinds that policies are made of; none matches the load.
fn rule(number: usize) -> String {
    let filter = match number % 5 {
        0 => format!("http.request.host == \"blocked-{number}.example\""),
        1 => format!("any(http.request.domains[*] == \"ads-{number}.example\")"),
        2 => format!("http.request.uri.path contains \"/tracker-{number}/\""),
        3 => format!(
            "http.request.host == \"shop.example\" and http.request.method == \"M{number}\""
        ),
        _ => format!("net.src.ip in {{ 198.51.100.{} }}", number % 256),
    };
    format!(
        "[[rule]]\nid = \"rule-{number}\"\nname = \"Rule {number}\"\nlayer = \"http\"\n\
         action = \"block\"\nfilter = '{filter}'\n\n"
    )
}

fn squid(bench: &Bench, folder: &Path, port: u16, way: Way) -> Result<Command, Failure> {
    let (root, state) = (bench.folder.display(), folder.display());
    let way = match way {
        Way::Forward => format!("http_port 127.0.0.1:{port}\n"),
        Way::Intercept | Way::Intercept2 => {
            let mut make = Command::new(CERTGEN);
            make.arg("-c").arg("-s").arg(folder.join("certificates")).args(["-M", "64MB"]);
            cargo::run(make)?;
            let mut own = Command::new("chown");
            own.args(["-R", SQUID_USER]).arg(folder);
            cargo::run(own)?;
            format!(
                "http_port 127.0.0.1:{port} ssl-bump tls-cert={root}/proxy-both.pem \
                 generate-host-certificates=on dynamic_cert_mem_cache_size=64MB\n\
                 sslcrtd_program {CERTGEN} -s {state}/certificates -M 64MB\n\
                 sslcrtd_children 4 startup=2 idle=1\n\
                 tls_outgoing_options cafile={root}/origin-ca.pem\n\
                 acl first at_step SslBump1\nssl_bump peek first\nssl_bump bump all\n"
            )
        }
    };
    let rest = format!(
        "http_access allow all\ncache deny all\ncache_mem 8 MB\naccess_log none\n\
         cache_log {state}/squid.log\ncache_store_log none\npid_filename {state}/squid.pid\n\
         coredump_dir {state}\nshutdown_lifetime 1 second\nworkers 1\n\
         max_filedescriptors 16384\nvisible_hostname peer\ncache_effective_user {SQUID_USER}\n\
         via off\npinger_enable off\nnetdb_filename none\n"
    );
    let file = folder.join("squid.conf");
    write(&file, &format!("{way}{rest}"))?;
    let mut command = Command::new("squid");
    command.arg("-N").arg("-f").arg(file);
    Ok(command)
}

fn mitmproxy(bench: &Bench, folder: &Path, port: u16, _: Way) -> Result<Command, Failure> {
    let both = bench.folder.join("proxy-both.pem");
    fs::copy(&both, folder.join("mitmproxy-ca.pem")).during(|| both.display().to_string())?;
    let trusted = bench.folder.join("origin-ca.pem");
    let mut command = Command::new("mitmdump");
    command.args(["-q", "--listen-host", "127.0.0.1", "-p", &port.to_string()]);
    for set in [
        format!("confdir={}", folder.display()),
        format!("ssl_verify_upstream_trusted_ca={}", trusted.display()),
        "flow_detail=0".to_owned(),
        "stream_large_bodies=1m".to_owned(),
    ] {
        command.arg("--set").arg(set);
    }
    Ok(command)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).during(|| path.display().to_string())
}

/// A proxy that runs on the first core; it is killed when this is dropped.
pub(super) struct Running {
    child: Child,
    pub(super) port: u16,
}

impl Running {
    /// Starts `peer` for one way of working and waits until it takes connections.
    pub(super) fn start(bench: &Bench, peer: &Peer, way: Way) -> Result<Self, Failure> {
        let folder = bench.folder.join(format!("{}-{way:?}", peer.name.replace([' ', ','], "-")));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).during(|| folder.display().to_string())?;
        let port = free_port()?;
        let command = (peer.command)(bench, &folder, port, way)?;
        let log = folder.join("output");
        let output = fs::File::create(&log).during(|| log.display().to_string())?;
        let mut pinned = on_core(0, &command);
        pinned.stdout(output.try_clone().during(|| log.display().to_string())?).stderr(output);
        let child = pinned.spawn().during(|| peer.name.to_owned())?;
        let mut running = Self { child, port };
        let end = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = running.child.try_wait().is_ok_and(|status| status.is_some());
            if ended || Instant::now() > end {
                let told = fs::read_to_string(&log).unwrap_or_default();
                return Err(Failure::new(format!("{} does not start: {told}", peer.name)));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(running)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // In order first: a proxy takes its helpers with it.
        let mut kill = Command::new("kill");
        let _ = kill.arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end && self.child.try_wait().is_ok_and(|status| status.is_none()) {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command, bound to one core.
pub(super) fn on_core(core: u8, command: &Command) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.arg("--cpu-list").arg(core.to_string());
    pinned.arg(command.get_program()).args(command.get_args());
    pinned.stdin(Stdio::null());
    pinned
}
