//! Gateways with Workers, on the real `workerd`.

use std::path::{Path, PathBuf};

use crate::authority::{OriginAuthority, Validity};
use crate::gateway::{Gateway, Setup};
use crate::message::Message;
use crate::origin::Origin;

/// The program, where `cargo xtask test setup` puts it.
pub(crate) fn workerd() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let packages = target.join("workerd/node_modules/@cloudflare");
    assert!(packages.is_dir(), "`cargo xtask test setup` has not run");
    let mut programs = std::fs::read_dir(&packages)
        .unwrap()
        .map(|package| package.unwrap().path().join("bin/workerd"));
    programs.find(|path| path.is_file()).unwrap()
}

impl Setup {
    /// Workers can be run.
    pub(crate) fn with_workerd(self) -> Self {
        self.with_workerd_and("")
    }

    /// Workers can be run, with these settings of `[workers]` besides.
    pub(crate) fn with_workerd_and(self, settings: &str) -> Self {
        let path = workerd();
        self.tables(&format!("[workers]\nworkerd = \"{}\"\n{settings}\n", path.display()))
    }

    /// A Worker whose `handle` has this body, besides `request`, `context` and `next`; `prelude`
    /// stands before the class.
    pub(crate) fn worker(self, name: &str, settings: &str, prelude: &str, handle: &str) -> Self {
        self.policy_file(&format!("workers/{name}/index.js"), script(prelude, handle))
            .policy_file(&format!("workers/{name}/worker.toml"), settings)
    }

    /// Forwards what `filter` matches to the Worker `name`.
    pub(crate) fn forward(self, name: &str, filter: &str) -> Self {
        self.rules(&format!(
            "[[rule]]\nid = \"to-{name}\"\nlayer = \"http\"\naction = \"forward\"\n\
             worker = \"{name}\"\nfilter = '{filter}'\n\n"
        ))
    }
}

/// A module whose class handles requests so.
pub(crate) fn script(prelude: &str, handle: &str) -> String {
    format!(
        "import {{ WorkerEntrypoint }} from \"cloudflare:workers\";\n{prelude}\n\
         export class GatewayMiddleware extends WorkerEntrypoint {{\n\
         async handle(request, context, next) {{\n{handle}\n}}\n}}\n"
    )
}

/// An origin in TLS, and a gateway that inspects it.
pub(crate) struct Lab {
    pub(crate) origin: Origin,
    pub(crate) gateway: Gateway,
}

impl Lab {
    /// The origin answers every whole request with what `answer` makes of it.
    pub(crate) fn new(
        setup: Setup,
        answer: impl Fn(&Message) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let origin = Origin::http(Some(tls), move |request, out| out.write_all(&answer(request)));
        let gateway = setup.tunnels_to(&origin).trusts(&authority).with_workerd().start();
        Self { origin, gateway }
    }

    /// The URL of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://origin.test:{}{path}", self.origin.port)
    }
}
