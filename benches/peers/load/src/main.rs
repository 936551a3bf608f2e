//! The origin and the load client of the side-by-side bench. Measures nothing of the proxy itself:
//! `cargo xtask bench proxy` reads the CPU time of its process.
//!
//! * `peer-load certificates DIR` writes the authorities of proxy and origin and the origin's leaf;
//! * `peer-load origin DIR` serves `/1k` and `/10m` and prints its two ports;
//! * `peer-load run SCENARIO PROXY HTTP HTTPS CA SECONDS` loads a proxy and prints what came of it.

mod certificates;
mod connection;
mod origin;
mod run;

use std::error::Error;

/// What went wrong, for people.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match words.as_slice() {
        ["certificates", folder] => certificates::write(folder.as_ref()),
        ["origin", folder] => runtime.block_on(origin::serve(folder.as_ref())),
        ["run", scenario, proxy, http, https, ca, seconds] => {
            let target = connection::Target {
                proxy: proxy.parse()?,
                http: http.parse()?,
                https: https.parse()?,
                ca: (*ca).into(),
            };
            runtime.block_on(run::run(scenario, target, seconds.parse()?))
        }
        _ => Err("usage: see the head of benches/peers/load/src/main.rs".into()),
    }
}
