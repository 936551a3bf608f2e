//! The step `runtime-free`: no library of the gateway brings an asynchronous runtime, not even
//! through a dependency.
//!
//! The `h2` crate needs tokio's two IO traits. Where it stands in the tree, tokio may too, as
//! long as no feature with a thread, a timer or a socket behind it is switched on.

use crate::{
    cargo::{self, cargo},
    failure::Failure,
    metadata::Metadata,
};

const RUNTIMES: &[&str] = &["async-io", "async-std", "glommio", "mio", "monoio", "smol"];
const REACTOR_FEATURES: &[&str] =
    &["fs", "net", "process", "rt", "rt-multi-thread", "signal", "time"];

pub(super) fn run() -> Result<(), Failure> {
    let metadata = Metadata::load()?;
    for library in metadata.libraries() {
        let mut command = cargo(["tree", "--edges", "normal", "--prefix", "none"]);
        command.args(["--format", "{p}|{f}", "--package", &library.name]);
        if let Some(runtime) = runtime_in(&cargo::read(command)?) {
            let (name, view) = (&library.name, format!("cargo tree -p {} -e normal", library.name));
            return Err(Failure::new(format!("{name} brings the runtime {runtime}; see `{view}`")));
        }
    }
    println!("{} libraries without a runtime", metadata.libraries().count());
    Ok(())
}

/// The first runtime in a tree of lines `NAME vVERSION …|FEATURE,FEATURE`.
fn runtime_in(tree: &str) -> Option<&str> {
    let lines = || tree.lines().filter_map(|line| line.split_once('|'));
    let name =
        |package: &'static str| move |(p, _): (&str, &str)| p.split(' ').next() == Some(package);
    let has_h2 = lines().any(name("h2"));
    let found = lines().find(|(package, features)| {
        let package = package.split(' ').next().unwrap_or_default();
        let reactor = || features.split(',').any(|f| REACTOR_FEATURES.contains(&f));
        RUNTIMES.contains(&package) || (package == "tokio" && (!has_h2 || reactor()))
    });
    found.map(|(package, _)| package)
}

#[cfg(test)]
mod tests {
    use super::runtime_in;

    #[test]
    fn trees() {
        for (tree, runtime) in [
            ("a v0.1.0 (/a)|\nbytes v1.0.0|default,std", None),
            ("a v0.1.0 (/a)|\ntokio v1.0.0|", Some("tokio v1.0.0")),
            ("a v0.1.0 (/a)|\nh2 v0.4.0|\ntokio v1.0.0|io-util", None),
            ("a v0.1.0 (/a)|\ntokio v1.0.0|io-util,rt\nh2 v0.4.0|", Some("tokio v1.0.0")),
            ("a v0.1.0 (/a)|\nh2 v0.4.0|\nmio v1.0.0|", Some("mio v1.0.0")),
            ("tokio-like v1.0.0|rt", None),
        ] {
            assert_eq!(runtime_in(tree), runtime, "{tree}");
        }
    }
}
