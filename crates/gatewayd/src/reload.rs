//! Loading settings, policy, databases and certificates anew while the gateway runs: read and
//! checked as a whole, put into force as a whole, and told when something is wrong.
//!
//! A reload that fails changes nothing. One that succeeds makes a new generation: what is in
//! progress goes on under the one before.

mod candidate;
mod fault;
mod fingerprint;
mod status;
mod watch;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::args::{GlobalArgs, RunArgs};
use crate::clock::unix_s;
use crate::config::{self, Config};
use crate::policy::Before;
use crate::serve::{GatewayError, Live, ServeError, Serving};
use crate::startup::{self, StartError, Whole};
use crate::workers::WorkersError;
pub(crate) use candidate::CandidateError;
pub(crate) use fault::Fault;
pub(crate) use fingerprint::{Fingerprint, Look};
pub(crate) use status::{Cause, Reloaded, Status};
pub(crate) use watch::{heed, watch};

/// How often files that change while they are read are read again.
const TRIES: usize = 5;

/// Why the generation in force stays in force.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ReloadError {
    /// Settings, authority or policy are wrong.
    #[error(transparent)]
    Load(#[from] StartError),
    /// They are sound, but no gateway can be made of them.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A Worker does not start.
    #[error(transparent)]
    Workers(#[from] WorkersError),
    /// An address that is new cannot be listened on.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A policy that was handed over cannot take the place of the one that is there.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// The files change faster than they can be read.
    #[error("the files changed while they were read; they are left alone until the next reload")]
    Changing,
    /// The thread that loads has died.
    #[error("loading broke off")]
    Broken,
}

/// Puts new generations into force, one after the other.
pub(crate) struct Reloader {
    global: GlobalArgs,
    run: RunArgs,
    /// What the process was started with.
    started: Config,
    live: Arc<Live>,
    serving: Arc<Serving>,
    /// Addresses of the process at which no client is accepted.
    own: Vec<SocketAddr>,
    /// Held by the one reload that runs.
    turn: Mutex<()>,
    seen: Mutex<Fingerprint>,
    status: Mutex<Status>,
    /// That somebody has asked; once is as good as often.
    asked: Notify,
}

impl Reloader {
    /// The reloader of a gateway that runs, started with the flags `global` and `run` when its
    /// files looked as `seen`. Besides where clients are accepted, the process listens on `own`.
    pub(crate) fn new(
        global: &GlobalArgs,
        run: &RunArgs,
        seen: Fingerprint,
        live: Arc<Live>,
        serving: Arc<Serving>,
        own: Vec<SocketAddr>,
    ) -> Self {
        let gateway = live.current();
        Self {
            global: global.clone(),
            run: run.clone(),
            started: gateway.config.clone(),
            turn: Mutex::default(),
            seen: Mutex::new(seen),
            status: Mutex::new(Status::new(gateway.generation, unix_s())),
            asked: Notify::new(),
            live,
            serving,
            own,
        }
    }

    /// Loads everything anew from where the command line and the configuration say.
    ///
    /// # Errors
    ///
    /// [`ReloadError`]; then nothing has changed, and [`status`](Self::status) tells why.
    pub(crate) async fn reload(self: &Arc<Self>, cause: Cause) -> Result<Reloaded, ReloadError> {
        let this = self.clone();
        on_its_own_thread(move || this.attempt(cause, || Ok(()))).await
    }

    /// Puts the policy folder `candidate` in the place of the one in force and loads everything
    /// anew. The two folders change places, on the disk too, so that giving `candidate` again
    /// takes it back. Both must be on one file system.
    ///
    /// # Errors
    ///
    /// [`ReloadError`]; then nothing has changed, on the disk neither.
    pub(crate) async fn install(
        self: &Arc<Self>,
        candidate: &Path,
    ) -> Result<Reloaded, ReloadError> {
        let (this, candidate) = (self.clone(), candidate.to_owned());
        on_its_own_thread(move || {
            let dir = this.live.current().config.policy.dir.clone();
            let mut exchanged = false;
            let reloaded = this.attempt(Cause::Install, || {
                let running = this.live.current();
                candidate::check(&candidate, running.before(), &running.config.av)?;
                candidate::exchange(&candidate, &dir)?;
                exchanged = true;
                Ok(())
            });
            if reloaded.is_err() && exchanged {
                // Something else than the policy is wrong: the old one goes back to its place.
                candidate::exchange(&candidate, &dir)?;
            }
            reloaded
        })
        .await
    }

    /// Asks that what has changed be loaded soon. Returns at once; those who ask together, or while
    /// their wish is being carried out, are heard once.
    pub(crate) fn ask(&self) {
        self.asked.notify_one();
    }

    /// What is in force, and how the last reload went.
    pub(crate) fn status(&self) -> Status {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        status.superseded = self.live.superseded();
        status
    }

    /// What the files that the current generation was made of look like.
    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.live.current().config, &config_file(&self.global))
    }

    /// What the files looked like that were loaded last, whatever came of it.
    fn seen(&self) -> Fingerprint {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn saw(&self, look: Fingerprint) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = look;
    }

    /// One reload from its begin to its end, after `first`.
    fn attempt(
        &self,
        cause: Cause,
        first: impl FnOnce() -> Result<(), ReloadError>,
    ) -> Result<Reloaded, ReloadError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let result = first().and_then(|()| self.load()).and_then(|(whole, look)| {
            let reloaded = self.put_in_force(whole)?;
            self.saw(look);
            Ok(reloaded)
        });
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.note(cause, unix_s(), &result);
        result
    }

    /// Loads what is in the files as it was at one moment, and how they looked then.
    fn load(&self) -> Result<(Whole, Fingerprint), ReloadError> {
        let file = config_file(&self.global);
        let running = self.live.current();
        for _ in 0..TRIES {
            let before = Fingerprint::of(&running.config, &file);
            let loaded = startup::load(&self.global, &self.run, running.before());
            if before != Fingerprint::of(&running.config, &file) {
                continue;
            }
            self.saw(before.clone());
            let whole = loaded?;
            if whole.config == running.config {
                return Ok((whole, before));
            }
            // It names other files perhaps: those too must have kept still.
            let named = Fingerprint::of(&whole.config, &file);
            let before = Before { av: Some(&whole.policy.av), ..running.before() };
            let whole = startup::load(&self.global, &self.run, before)?;
            if named == Fingerprint::of(&whole.config, &file) {
                return Ok((whole, named));
            }
        }
        Err(ReloadError::Changing)
    }

    /// Makes a generation of `whole` and puts it into force; everything that can fail comes first.
    fn put_in_force(&self, whole: Whole) -> Result<Reloaded, ReloadError> {
        let wanted = whole.config.entrances();
        let new = self.serving.listen(&wanted)?;
        let own = self.own.iter().copied();
        let own = own.chain(self.serving.addresses()).chain(new.addresses()).collect();
        let warnings = whole.policy.warnings.iter().map(ToString::to_string).collect();
        let needs_restart = config::needs_restart(&self.started, &whole.config);
        let running = self.live.current();
        let workers = running.workers();
        let starting = workers.prepare(&whole.config, &whole.policy);
        let prepared = Handle::current().block_on(starting)?;
        let next = running.next(whole, own)?;
        workers.commit(prepared);
        let generation = next.generation;
        self.live.supersede(next);
        let opened = new.addresses();
        self.serving.open(new);
        let closed = self.serving.close_all_but(&wanted);
        Ok(Reloaded { generation, opened, closed, needs_restart, warnings })
    }
}

/// What the files that `config` was loaded from, and all that it names, look like now. Taken before
/// anybody is told that the gateway runs, so that no change after that passes unseen.
pub(crate) fn look(config: &Config, global: &GlobalArgs) -> Fingerprint {
    Fingerprint::of(config, &config_file(global))
}

/// The configuration file, where it is there or not.
fn config_file(global: &GlobalArgs) -> PathBuf {
    match (&global.config, startup::state_dir(global)) {
        (Some(file), _) => file.clone(),
        (None, Ok(state)) => state.join("gateway.toml"),
        (None, Err(_)) => PathBuf::new(),
    }
}

/// Runs `load` where it may wait for the disk.
async fn on_its_own_thread(
    load: impl FnOnce() -> Result<Reloaded, ReloadError> + Send + 'static,
) -> Result<Reloaded, ReloadError> {
    tokio::task::spawn_blocking(load).await.unwrap_or(Err(ReloadError::Broken))
}

#[cfg(test)]
mod tests {
    use gateway_sinks::{Sinks, Terminal};

    use super::*;
    use crate::scratch::Scratch;
    use crate::serve::{Crew, Gateway, Listeners, Outlet, Shared};

    fn rules(count: usize) -> String {
        let rule = |n| {
            format!(
                "[[rule]]\nid = \"r{n}\"\nlayer = \"http\"\naction = \"block\"\nfilter = 'av.infected'\n"
            )
        };
        (0..count).map(rule).collect()
    }

    /// A reloader of a gateway in `scratch` that nobody visits.
    fn reloader(scratch: &Scratch) -> Arc<Reloader> {
        let global = GlobalArgs { state: Some(scratch.path().into()), ..GlobalArgs::default() };
        let run = RunArgs {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            origin_ca: vec![scratch.path().join("ca.pem")],
            ..RunArgs::default()
        };
        scratch.write("policy/rules.toml", rules(1));
        let whole = startup::prepare(&global, &run).unwrap().whole;
        let mut sinks = gateway_sinks::Config::default();
        sinks.terminal = Terminal::Off;
        let sinks = Sinks::start(&sinks).unwrap();
        let shared = Shared::new(Arc::new(Outlet::new(sinks)), Crew::start().unwrap()).unwrap();
        let listeners = Listeners::bind(&whole.config.entrances()).unwrap();
        let own = listeners.addresses();
        let seen = look(&whole.config, &global);
        let live = Arc::new(Live::new(Gateway::new(Arc::new(shared), whole, own).unwrap()));
        let serving = Arc::new(Serving::start(listeners, live.clone()));
        Arc::new(Reloader::new(&global, &run, seen, live, serving, Vec::new()))
    }

    #[tokio::test]
    async fn a_candidate_takes_the_place_of_the_policy_and_gives_it_back() {
        let scratch = Scratch::new();
        let reloader = reloader(&scratch);
        let candidate = scratch.path().join("candidate");
        scratch.write("candidate/rules.toml", rules(2));
        let read = |name: &str| std::fs::read_to_string(scratch.path().join(name)).unwrap();
        assert_eq!(reloader.install(&candidate).await.unwrap().generation, 2);
        assert_eq!((read("policy/rules.toml"), read("candidate/rules.toml")), (rules(2), rules(1)));
        assert_eq!(reloader.install(&candidate).await.unwrap().generation, 3);
        assert_eq!(read("policy/rules.toml"), rules(1));
        let status = reloader.status();
        assert_eq!((status.generation, status.succeeded, status.failed), (3, 2, 0));
    }

    #[tokio::test]
    async fn a_policy_without_the_profiles_that_settings_name_is_refused() {
        let scratch = Scratch::new();
        let dlp = "[[profile]]\nid = \"cards\"\nentries = [\"payment_card\"]\n";
        scratch.write("policy/dlp.toml", dlp);
        scratch.write("gateway.toml", "[icap_server]\nblock_profiles = [\"cards\"]\n");
        let reloader = reloader(&scratch);
        scratch.write("policy/dlp.toml", dlp.replace("cards", "card"));
        assert!(reloader.reload(Cause::Files).await.is_err());
        let last = reloader.status().last.unwrap();
        let [fault] = &last.faults[..] else { panic!("{last:?}") };
        assert_eq!((fault.line, fault.column), (Some(2), Some(19)), "{fault:?}");
        assert!(
            fault.message.contains("no DLP profile `cards`; did you mean `card`?"),
            "{fault:?}"
        );
        let running = reloader.live.current();
        assert_eq!(running.generation, 1);
        // A candidate goes back to where it was.
        scratch.write("policy/dlp.toml", dlp);
        scratch.write("candidate/rules.toml", rules(2));
        assert!(reloader.install(&scratch.path().join("candidate")).await.is_err());
        let policy = std::fs::read_to_string(scratch.path().join("policy/rules.toml")).unwrap();
        assert_eq!((policy, reloader.status().generation), (rules(1), 1));
        let databases = &running.config.av;
        let candidate = crate::policy::load(&scratch.path().join("candidate"), databases).unwrap();
        let [fault] = &Fault::between(&running.config, &candidate)[..] else { panic!() };
        assert!(fault.message.contains("no DLP profile `cards`"), "{fault:?}");
        // Settings are taken over without a restart.
        scratch.write("gateway.toml", "");
        let reloaded = reloader.install(&scratch.path().join("candidate")).await.unwrap();
        assert!(reloaded.needs_restart.is_empty(), "{reloaded:?}");
    }

    #[tokio::test]
    async fn who_asks_is_heard_once_and_only_where_something_has_changed() {
        let scratch = Scratch::new();
        let reloader = reloader(&scratch);
        let heeding = tokio::spawn(heed(reloader.clone(), |_, _| ()));
        let heard = |count| {
            let reloader = reloader.clone();
            async move {
                while reloader.status().succeeded < count {
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
            }
        };
        for count in 2..7 {
            // Nothing has changed.
            reloader.ask();
            let new = scratch.write("policy/.new", rules(count));
            std::fs::rename(new, scratch.path().join("policy/rules.toml")).unwrap();
            for _ in 0..10 {
                reloader.ask();
            }
            heard(u64::try_from(count).unwrap() - 1).await;
        }
        heeding.abort();
        let status = reloader.status();
        assert_eq!((status.generation, status.succeeded, status.failed), (6, 5, 0));
        assert_eq!(status.last.unwrap().cause, Cause::Client);
        assert_eq!(reloader.live.current().rules().rules().len(), 6);
    }

    #[tokio::test]
    async fn a_reload_compiles_what_has_changed() {
        let scratch = Scratch::new();
        let reloader = reloader(&scratch);
        let compiled = || reloader.live.current().rules().compiled_anew();
        scratch.write("policy/rules.toml", rules(100));
        reloader.reload(Cause::Files).await.unwrap();
        assert_eq!(compiled(), 100);
        let changed = |filter| rules(100).replacen("av.infected", filter, 1);
        scratch.write("policy/rules.toml", changed("dlp.count > 1"));
        reloader.reload(Cause::Files).await.unwrap();
        assert_eq!((compiled(), reloader.live.current().rules().rules().len()), (1, 100));
        scratch.write("candidate/rules.toml", changed("dlp.count > 2"));
        reloader.install(&scratch.path().join("candidate")).await.unwrap();
        let gateway = reloader.live.current();
        assert_eq!((compiled(), &*gateway.rules().rules()[0].filter), (1, "dlp.count > 2"));
    }

    #[tokio::test]
    async fn a_wrong_candidate_changes_nothing_on_the_disk_neither() {
        let scratch = Scratch::new();
        let reloader = reloader(&scratch);
        let candidate = scratch.path().join("candidate");
        scratch.write("candidate/rules.toml", "[[rule]]\nid = 1\n");
        assert!(reloader.install(&candidate).await.is_err());
        let last = reloader.status().last.unwrap();
        assert_eq!(last.cause, Cause::Install);
        assert!(matches!(&last.faults[..], [fault] if fault.line == Some(2)), "{last:?}");
        // A sound candidate in the company of wrong settings.
        scratch.write("candidate/rules.toml", rules(2));
        scratch.write("gateway.toml", "lisen = []\n");
        assert!(reloader.install(&candidate).await.is_err());
        let policy = std::fs::read_to_string(scratch.path().join("policy/rules.toml")).unwrap();
        assert_eq!(policy, rules(1));
        let status = reloader.status();
        assert_eq!((status.generation, status.succeeded, status.failed), (1, 0, 2));
        assert_eq!(reloader.live.current().generation, 1);
    }
}
