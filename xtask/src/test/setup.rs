//! The step `setup`: the programs that building and testing need from the system.
//!
//! Installs what is missing where that can be done without asking (root on a Debian), and says in
//! one line what to do everywhere else.

use std::env;

use super::python;
use crate::{
    cargo::{self, program},
    failure::Failure,
    test::workerd,
};

/// One program and the Debian package that brings it.
struct Need {
    program: &'static str,
    package: &'static str,
    why: &'static str,
}

const NEEDS: &[Need] = &[
    Need { program: "cc", package: "build-essential", why: "the crypto library is written in C" },
    Need { program: "make", package: "make", why: "the allocator is built by it" },
    Need { program: "7z", package: "p7zip-full", why: "it packs by methods of all kinds" },
    Need { program: "c-icap", package: "c-icap", why: "it is the service of the tests of ICAP" },
    Need { program: "certutil", package: "libnss3-tools", why: "a browser trusts by it" },
    Need { program: "chromium", package: "chromium", why: "a browser is a client like no other" },
    Need {
        program: "clamd",
        package: "clamav-daemon",
        why: "it is the scanner outside of the end-to-end tests",
    },
    Need {
        program: "clamdscan",
        package: "clamdscan",
        why: "it is a client of the scanners that the gateway serves",
    },
    Need {
        program: "clamscan",
        package: "clamav",
        why: "malware signatures are to find what it finds",
    },
    // A path stands for itself wherever it is looked for.
    Need {
        program: "/usr/share/clamav-testfiles/clam.zip",
        package: "clamav-testfiles",
        why: "one program in containers of every kind is to be found",
    },
    Need {
        program: "clickhouse-server",
        package: "clickhouse-server",
        why: "records are delivered to a real one",
    },
    Need { program: "curl", package: "curl", why: "the end-to-end tests use it as a client" },
    // Debian has it in a folder that not every PATH has.
    Need {
        program: "/usr/sbin/haproxy",
        package: "haproxy",
        why: "it is a load balancer before the gateway, and an origin",
    },
    Need { program: "ip", package: "iproute2", why: "the network tests make namespaces" },
    // A path stands for itself wherever it is looked for.
    Need {
        program: "/usr/lib/x86_64-linux-gnu/c_icap/virus_scan.so",
        package: "libc-icap-mod-virus-scan",
        why: "it looks for malware in the tests of ICAP",
    },
    Need {
        program: "/usr/share/python-wheels",
        package: "python3-setuptools-whl",
        why: "plain programs for Windows are in it",
    },
    Need { program: "nft", package: "nftables", why: "the network tests lead packets" },
    Need { program: "nghttp", package: "nghttp2-client", why: "a client of HTTP/2" },
    Need { program: "nghttpd", package: "nghttp2-server", why: "an origin of HTTP/2" },
    Need { program: "npm", package: "npm", why: "it brings workerd, which runs Workers" },
    Need { program: "promtool", package: "prometheus", why: "it checks metrics and alert rules" },
    Need {
        program: "prometheus-alertmanager",
        package: "prometheus-alertmanager",
        why: "an alert is followed to its end",
    },
    Need { program: "openssl", package: "openssl", why: "it certifies the devices of some tests" },
    Need { program: "python3", package: "python3", why: "its ssl module is a strict TLS client" },
    // Debian has it in a folder that not every PATH has.
    Need {
        program: "/usr/sbin/squid",
        package: "squid-openssl",
        why: "it is a client of the ICAP service",
    },
    Need { program: "stunnel4", package: "stunnel4", why: "it puts a service of ICAP behind TLS" },
    Need { program: "turnserver", package: "coturn", why: "the relay of the WebRTC tests" },
    Need {
        program: "/usr/include/openssl/ssl.h",
        package: "libssl-dev",
        why: "the Kafka client speaks TLS by it",
    },
    Need { program: "pkg-config", package: "pkg-config", why: "it tells where OpenSSL is" },
];

const VENV: Need =
    Need { program: "python3", package: "python3-venv", why: "tests bring peers in Python" };

/// The parts of the Rust toolchain beyond the compiler.
const COMPONENTS: [&str; 2] = ["clippy", "fmt"];

pub(super) fn run() -> Result<(), Failure> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !is_there(need.program)).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    // Debian keeps what makes virtual environments in a package of its own.
    if !cargo::succeeds(program("python3", ["-c", "import ensurepip"])) {
        install(&[&VENV])?;
    }
    python::set_up()?;
    workerd::install()?;
    for component in COMPONENTS {
        let there = || cargo::succeeds(cargo::cargo([component, "--version"]));
        if !there() {
            let package = if component == "fmt" { "rustfmt" } else { component };
            let added = program("rustup", ["component", "add", package]);
            if !cargo::succeeds(added) || !there() {
                let advice =
                    format!("`cargo {component}` is missing: rustup component add {package}");
                return Err(Failure::new(advice));
            }
        }
    }
    Ok(())
}

fn install(missing: &[&Need]) -> Result<(), Failure> {
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let reasons = missing.iter().map(|need| format!("{} is missing ({})", need.program, need.why));
    println!("{}", reasons.collect::<Vec<_>>().join("; "));
    let words = packages.join(" ");
    if !is_root() || !is_there("apt-get") {
        return Err(Failure::new(format!(
            "install it first; on Debian: sudo apt-get install {words}"
        )));
    }
    cargo::run(program("apt-get", ["update", "--quiet"]))?;
    let mut command = program("apt-get", ["install", "--yes", "--no-install-recommends"]);
    command.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    cargo::run(command)?;
    match missing.iter().find(|need| !is_there(need.program)) {
        Some(need) => Err(Failure::new(format!("{} is still missing", need.program))),
        None => Ok(()),
    }
}

fn is_root() -> bool {
    cargo::read(program("id", ["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// Whether `program` stands in one of the folders of `PATH`.
fn is_there(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    !program.is_empty() && env::split_paths(&folders).any(|folder| folder.join(program).exists())
}

#[cfg(test)]
mod tests {
    use super::is_there;

    #[test]
    fn programs_are_looked_for_in_the_path() {
        assert!(is_there("cargo"));
        assert!(!is_there("no-such-program"));
        assert!(!is_there(""));
        assert!(is_there("/bin/sh") && !is_there("/bin/no-such-program"));
    }
}
