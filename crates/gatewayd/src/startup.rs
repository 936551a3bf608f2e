//! Everything that must be right before the gateway runs, loaded in order: state folder,
//! configuration, certificate authority, policy. Opens no socket and starts no thread.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gateway_tls::Authority;

use crate::args::{GlobalArgs, RunArgs};
use crate::ca::{self, CaError, Wish};
use crate::config::{self, Config, ConfigError};
use crate::identity::{self, IdentityError, Sources};
use crate::origin_ca::{self, OriginCaError};
use crate::policy::{self, Before, LoadedPolicy, PolicyError};
use crate::scanners::{self, UnknownScanner};
use crate::state::{self, StateError};
use crate::workers::{self, WorkersError};

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StartError {
    /// There is no state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no usable authority.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A file of CA certificates for origins is wrong.
    #[error(transparent)]
    OriginCa(#[from] OriginCaError),
    /// A source of identity is wrong.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The policy is wrong.
    #[error("the policy cannot be used:\n{0}")]
    Policy(#[from] PolicyError),
    /// A group of scanners names one that there is not.
    #[error(transparent)]
    Scanners(#[from] UnknownScanner),
    /// The Workers cannot be run.
    #[error(transparent)]
    Workers(#[from] WorkersError),
}

/// Settings, authority and policy, each sound by itself: what one generation is made of.
#[derive(Debug)]
pub(crate) struct Whole {
    /// The configuration, flags of the command line included.
    pub(crate) config: Config,
    /// The authority that mints leaf certificates.
    pub(crate) authority: Authority,
    /// The policy.
    pub(crate) policy: LoadedPolicy,
    /// What vouches for clients.
    pub(crate) identity: Sources,
}

/// A gateway that is ready to run.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The state folder.
    pub(crate) state: PathBuf,
    /// What it is made of.
    pub(crate) whole: Whole,
    /// Whether this is the first start: the authority was made just now.
    pub(crate) ca: ca::Origin,
}

/// Finds or creates the state folder and what it lacks, then loads everything.
///
/// # Errors
///
/// [`StartError`] with what is wrong and where.
pub(crate) fn prepare(global: &GlobalArgs, run: &RunArgs) -> Result<Ready, StartError> {
    let state = state_dir(global)?;
    state::create(&state)?;
    let loaded = config::load(global.config.as_deref(), &state, run)?;
    let config = &loaded.config;
    // A named authority must be there: to make one in its place would help nobody.
    let (authority, ca) = if run.ca_cert.is_some() {
        (ca::load(&config.ca)?, ca::Origin::Found)
    } else {
        ca::load_or_make(&config.ca, &Wish::default())?
    };
    for file in &config.origin.extra_ca {
        origin_ca::load(file)?;
    }
    let mut policy = policy::load(&config.policy.dir, &config.av)?;
    policy.read_for(&config.icap);
    config::check_profiles(&loaded, &policy.dlp)?;
    workers::check(&config.workers, &policy)?;
    scanners::check(config, &policy.scan_groups)?;
    let identity = identity::load(&config.identity)?;
    let config = loaded.config;
    Ok(Ready { state, whole: Whole { config, authority, policy, identity }, ca })
}

/// Loads everything again, as a gateway does that runs with `before`: nothing is made, and the flags of
/// `run` stay on top of the file.
///
/// # Errors
///
/// [`StartError`] with what is wrong and where.
pub(crate) fn load(
    global: &GlobalArgs,
    run: &RunArgs,
    before: Before<'_>,
) -> Result<Whole, StartError> {
    let loaded = config::load(global.config.as_deref(), &state_dir(global)?, run)?;
    let config = &loaded.config;
    let authority = ca::load(&config.ca)?;
    let mut policy = policy::load_after(before, &config.policy.dir, &config.av)?;
    policy.read_for(&config.icap);
    config::check_profiles(&loaded, &policy.dlp)?;
    workers::check(&config.workers, &policy)?;
    scanners::check(config, &policy.scan_groups)?;
    let identity = identity::load(&config.identity)?;
    let config = loaded.config;
    Ok(Whole { config, authority, policy, identity })
}

/// The state folder that the command line or the environment names.
///
/// # Errors
///
/// [`StateError::NoHome`].
pub(crate) fn state_dir(global: &GlobalArgs) -> Result<PathBuf, StateError> {
    state::locate(global.state.as_deref(), |name| std::env::var_os(name))
}

impl Ready {
    /// Tells a person what runs and how to use it; at the first start, how to trust the authority.
    ///
    /// # Errors
    ///
    /// What `out` says.
    pub(crate) fn welcome(&self, listening: &[SocketAddr], out: &mut impl Write) -> io::Result<()> {
        let Self { state, whole: Whole { config, policy, .. }, .. } = self;
        let proxy = listening.first().map(ToString::to_string).unwrap_or_default();
        let cert = config.ca.cert.display();
        for address in listening {
            writeln!(out, "gateway-proxy listens on {address}")?;
        }
        writeln!(out, "  state    {}", state.display())?;
        writeln!(
            out,
            "  policy   {}: {} rules, {} DLP profiles, {} malware signatures",
            config.policy.dir.display(),
            policy.rules.rules().len(),
            policy.dlp.profiles().count(),
            policy.av.signatures()
        )?;
        writeln!(out, "  records  {}", shown_or_none(&config.log.records))?;
        writeln!(out, "  CA       {cert}")?;
        if self.ca == ca::Origin::Made {
            writeln!(
                out,
                "\nThe CA was made just now. `gateway-proxy ca trust` tells how to trust it;"
            )?;
            writeln!(out, "one program at a time will do to try:")?;
        } else {
            writeln!(out, "\nTry it:")?;
        }
        writeln!(out, "  curl --proxy http://{proxy} --cacert {cert} https://example.com/\n")?;
        for warning in &policy.warnings {
            writeln!(out, "warning: {warning}")?;
        }
        out.flush()
    }
}

fn shown_or_none(path: &Path) -> String {
    if path.as_os_str().is_empty() { "none".to_owned() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn welcome(ready: &Ready) -> String {
        let mut out = Vec::new();
        ready.welcome(&["127.0.0.1:8080".parse().unwrap()], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_first_start_makes_what_the_second_finds() {
        let scratch = Scratch::new();
        let global =
            GlobalArgs { state: Some(scratch.path().join("state")), ..GlobalArgs::default() };
        let first = prepare(&global, &RunArgs::default()).unwrap();
        let second = prepare(&global, &RunArgs::default()).unwrap();
        assert_eq!((first.ca, second.ca), (ca::Origin::Made, ca::Origin::Found));
        assert_eq!(first.whole.authority.cert_der(), second.whole.authority.cert_der());
        let cert = scratch.path().join("state/ca.pem").display().to_string();
        let line = format!("curl --proxy http://127.0.0.1:8080 --cacert {cert} https://");
        let (first, second) = (welcome(&first), welcome(&second));
        assert!(first.contains(&line) && second.contains(&line), "{first}");
        assert!(first.contains("ca trust") && !second.contains("ca trust"), "{first}{second}");
        assert!(first.contains("5 rules, 3 DLP profiles, 1 malware signatures"), "{first}");
        assert!(first.contains("state/log/records.jsonl"), "{first}");
    }

    #[test]
    fn a_faulty_authority_of_origins_is_told_before_anything_listens() {
        let scratch = Scratch::new();
        scratch.write("more.pem", "junk");
        let global =
            GlobalArgs { state: Some(scratch.path().join("state")), ..GlobalArgs::default() };
        let more = scratch.path().join("more.pem");
        let run = RunArgs { origin_ca: vec![more], ..RunArgs::default() };
        let error = prepare(&global, &run).unwrap_err().to_string();
        assert!(error.ends_with("more.pem: no certificate in PEM form"), "{error}");
    }

    #[test]
    fn a_named_authority_is_never_made() {
        let scratch = Scratch::new();
        let global =
            GlobalArgs { state: Some(scratch.path().join("state")), ..GlobalArgs::default() };
        let run = RunArgs {
            ca_cert: Some(scratch.path().join("c.pem")),
            ca_key: Some(scratch.path().join("c.key")),
            ..RunArgs::default()
        };
        assert!(matches!(prepare(&global, &run), Err(StartError::Ca(_))));
        assert!(!scratch.path().join("c.key").exists());
    }
}
