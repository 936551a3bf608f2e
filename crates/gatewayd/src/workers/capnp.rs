//! The configuration of one `workerd` process, as Cap'n Proto text (`workerd.capnp`).
//!
//! It says everything that the Worker's code can reach: its own modules, its variables, and the
//! gateway's egress under two names, one for `next()` that only the host module holds, and one for
//! what the code fetches of itself. There is no other way out.

use std::fmt::Write;
use std::path::Path;

use crate::policy::WorkerSource;

/// The day whose behaviour of the runtime Workers are written for.
const COMPATIBILITY_DATE: &str = "2026-11-01";

/// The two values of `gw-egress` that one process is known by.
#[derive(Clone, Debug)]
pub(super) struct Secrets {
    /// For requests that the Worker passes on.
    pub(super) next: String,
    /// For what it fetches of itself.
    pub(super) own: String,
}

/// Names of sockets, as `workerd` reports them when they listen.
pub(super) const MAIN_SOCKET: &str = "main";
pub(super) const PROBE_SOCKET: &str = "probe";

/// The host module for a Worker whose main module is this.
pub(super) fn host_module(main: &str) -> String {
    include_str!("host.js").replace("MAIN", &escaped(main))
}

/// The text, for files that stand beside it: `host.js`, and the modules in `worker/`. The sockets
/// are those of the egress, of the Worker and of the probe.
pub(super) fn config(
    source: &WorkerSource,
    secrets: &Secrets,
    [egress, main, probe]: [&Path; 3],
) -> String {
    let shown = |path: &Path| escaped(&path.display().to_string());
    let (egress, main, probe) = (shown(egress), shown(main), shown(probe));
    let external = |name: &str, secret: &str, flow: &str| {
        format!(
            "    (name = \"{name}\", external = (address = \"unix:{egress}\", http = (style = proxy, \
             {flow}injectRequestHeaders = [(name = \"gw-egress\", value = \"{secret}\")]))),\n"
        )
    };
    let mut modules = String::new();
    for (path, _) in &source.modules {
        let path = escaped(path);
        let _ = writeln!(
            modules,
            "    (name = \"worker/{path}\", esModule = embed \"worker/{path}\"),"
        );
    }
    let vars = serde_json::to_string(&source.settings.vars).unwrap_or_else(|_| "{}".to_owned());
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n  services = [\n\
         \x20   (name = \"main\", worker = .main),\n\
         \x20   (name = \"probe\", worker = .probe),\n{next}{own}  ],\n\
         \x20 sockets = [\n\
         \x20   (name = \"{MAIN_SOCKET}\", address = \"unix:{main}\", service = \"main\",\n\
         \x20     http = (style = proxy, cfBlobHeader = \"gw-cf\")),\n\
         \x20   (name = \"{PROBE_SOCKET}\", address = \"unix:{probe}\", service = \"probe\"),\n  ],\n\
         \x20 v8Flags = [\"--max-heap-size={heap}\"],\n);\n\
         const main :Workerd.Worker = (\n  modules = [\n\
         \x20   (name = \"gateway-host.js\", esModule = embed \"host.js\"),\n{modules}  ],\n\
         \x20 compatibilityDate = \"{COMPATIBILITY_DATE}\",\n\
         \x20 compatibilityFlags = [\"disallow_importable_env\"],\n\
         \x20 bindings = [\n\
         \x20   (name = \"GATEWAY\", service = \"next\"),\n\
         \x20   (name = \"VARS\", json = \"{vars}\"),\n  ],\n\
         \x20 globalOutbound = \"own\",\n);\n\
         const probe :Workerd.Worker = (\n\
         \x20 modules = [(name = \"probe.js\", esModule = \"export default {{ fetch() {{ return new \
         Response(null, {{ status: 204 }}); }} }};\")],\n\
         \x20 compatibilityDate = \"{COMPATIBILITY_DATE}\",\n);\n",
        next = external("next", &secrets.next, "cfBlobHeader = \"gw-cf\", "),
        own = external("own", &secrets.own, ""),
        heap = source.settings.heap_mib,
        vars = escaped(&vars),
    )
}

/// Text within a string literal, of Cap'n Proto or JavaScript.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::WorkerSource;

    fn source() -> WorkerSource {
        WorkerSource {
            name: "w".into(),
            settings: Default::default(),
            modules: vec![("index.js".into(), Vec::new()), ("lib/a\"b.js".into(), Vec::new())],
            version: "v".into(),
        }
    }

    /// That `workerd` takes it is the matter of the end-to-end tests.
    #[test]
    fn nothing_of_a_worker_breaks_out_of_its_string() {
        let mut source = source();
        source.settings.vars.insert("A".into(), "x\"), (name = \"evil\"".into());
        let secrets = Secrets { next: "n".into(), own: "o".into() };
        let text = config(&source, &secrets, ["/e", "/m", "/p"].map(Path::new));
        assert!(text.contains(r#"embed "worker/lib/a\"b.js""#), "{text}");
        assert!(text.contains(r#"json = "{\"A\":\"x\\\"), (name = \\\"evil\\\"\"}""#), "{text}");
        assert_eq!(text.matches("address = \"unix:/e\"").count(), 2);
        assert!(text.contains("value = \"n\"") && text.contains("value = \"o\""));
        assert!(host_module("index.js").contains("from \"worker/index.js\""));
    }
}
