//! `workers/`: one folder per Worker, with its modules and, if it wants other settings than the
//! defaults, a `worker.toml`. Whether the code runs shows when it is started.

mod problem;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use gateway_proxy::{AdmissionLimits, HostList, OnError, WorkerPolicy};
use serde::Deserialize;

pub(super) use self::problem::WorkerProblem;
use super::{PolicyError, Problem};
use crate::toml_file;

/// The folder of Workers within a policy folder.
pub(crate) const WORKERS_DIR: &str = "workers";
/// The settings of one Worker within its folder.
const SETTINGS: &str = "worker.toml";
/// Endings of the files that are modules.
const MODULES: [&str; 2] = ["js", "mjs"];
/// Modules of a Worker.
const MODULES_MAX: usize = 256;
/// Bytes of all modules of a Worker.
const MODULE_BYTES_MAX: u64 = 10 << 20;
/// Folders within folders.
const DEPTH_MAX: usize = 8;

/// One Worker, as its folder describes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkerSource {
    /// Its name: that of its folder.
    pub(crate) name: String,
    /// Its settings.
    pub(crate) settings: WorkerSettings,
    /// Its modules: path within the folder, and contents; in order of the paths.
    pub(crate) modules: Vec<(String, Vec<u8>)>,
    /// Tells one state of the folder from another: the beginning of a SHA-256.
    pub(crate) version: String,
}

/// What becomes of a request when its Worker fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnErrorName {
    /// It is answered 502.
    #[default]
    Block,
    /// It goes on without the Worker, where that is still possible.
    Bypass,
}

/// `worker.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkerSettings {
    /// The module with the class `GatewayMiddleware`. Default `index.js`.
    pub(crate) main: String,
    /// What becomes of a request when the Worker fails. Default block.
    pub(crate) on_error: OnErrorName,
    /// Milliseconds to the head of its answer, those of the origin not counted. Default 2 s.
    pub(crate) deadline_ms: u64,
    /// Milliseconds that it may pause within its answer. Default 10 s.
    pub(crate) stall_ms: u64,
    /// Requests at a time; those beyond fail at once. Default 256.
    pub(crate) concurrency_max: u32,
    /// Failures in a row after which it is spared for `open_ms`. Default 5.
    pub(crate) failures_max: u32,
    /// Milliseconds that it is spared. Default 5 s.
    pub(crate) open_ms: u64,
    /// MiB of its JavaScript heap; beyond, its process dies and starts anew. Default 128.
    pub(crate) heap_mib: u32,
    /// MiB of its process in memory; beyond, it is killed and starts anew. Default 512.
    pub(crate) memory_mib: u32,
    /// Hosts that it may fetch from by itself; `*.a.example` for all below one, `*` for all.
    /// Default none.
    pub(crate) fetch: Vec<String>,
    /// What its code sees as `this.env`. Default nothing.
    pub(crate) vars: BTreeMap<String, String>,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            main: "index.js".into(),
            on_error: OnErrorName::default(),
            deadline_ms: 2_000,
            stall_ms: 10_000,
            concurrency_max: 256,
            failures_max: 5,
            open_ms: 5_000,
            heap_mib: 128,
            memory_mib: 512,
            fetch: Vec::new(),
            vars: BTreeMap::new(),
        }
    }
}

impl WorkerSettings {
    /// What the machines have to know of them.
    pub(crate) fn policy(&self) -> WorkerPolicy {
        WorkerPolicy {
            on_error: match self.on_error {
                OnErrorName::Block => OnError::Block,
                OnErrorName::Bypass => OnError::Bypass,
            },
            deadline: Duration::from_millis(self.deadline_ms),
            stall: Duration::from_millis(self.stall_ms),
        }
    }

    /// Its cap and its breaker.
    pub(crate) const fn admission(&self) -> AdmissionLimits {
        AdmissionLimits {
            concurrency_max: self.concurrency_max,
            failures_max: self.failures_max,
            open: Duration::from_millis(self.open_ms),
        }
    }

    /// Whom it may ask of itself.
    pub(crate) fn hosts(&self) -> HostList {
        HostList::new(self.fetch.iter().map(|host| host.to_ascii_lowercase()).collect())
    }

    /// The first number that is out of range: its key, the value, the least and the greatest.
    fn out_of_range(&self) -> Option<(&'static str, u64, u64, u64)> {
        const DAY_MS: u64 = 86_400_000;
        [
            ("deadline_ms", self.deadline_ms, 1, DAY_MS),
            ("stall_ms", self.stall_ms, 1, DAY_MS),
            ("concurrency_max", self.concurrency_max.into(), 1, 1 << 16),
            ("failures_max", self.failures_max.into(), 1, 1 << 16),
            ("open_ms", self.open_ms, 1, DAY_MS),
            ("heap_mib", self.heap_mib.into(), 8, 1 << 14),
            ("memory_mib", self.memory_mib.into(), 128, 1 << 16),
        ]
        .into_iter()
        .find(|&(_, value, min, max)| !(min..=max).contains(&value))
    }
}

/// Loads the Workers of the policy folder `dir`, by name.
///
/// # Errors
///
/// [`PolicyError`] with the first problem of every Worker.
pub(crate) fn load(dir: &Path) -> Result<Vec<WorkerSource>, PolicyError> {
    let dir = dir.join(WORKERS_DIR);
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Problem::Read { path: dir, source }.into()),
    };
    let (mut workers, mut problems) = (Vec::new(), Vec::new());
    for entry in entries {
        let path = entry.map_err(|source| Problem::Read { path: dir.clone(), source })?.path();
        if !path.is_dir() {
            continue;
        }
        match load_one(&path) {
            Ok(worker) => workers.push(worker),
            Err(error) => problems.extend(error.problems),
        }
    }
    if !problems.is_empty() {
        return Err(PolicyError { problems });
    }
    workers.sort_by(|a: &WorkerSource, b| a.name.cmp(&b.name));
    Ok(workers)
}

fn load_one(dir: &Path) -> Result<WorkerSource, PolicyError> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.len() > 64 || !name.chars().all(sound) {
        return Err(WorkerProblem::Name { path: dir.to_owned() }.into());
    }
    let file = dir.join(SETTINGS);
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    let settings: WorkerSettings = toml_file::parse(&file, &text)?;
    if let Some((key, found, min, max)) = settings.out_of_range() {
        let place = toml_file::place_of(&file, &text, &[key]);
        return Err(WorkerProblem::Range { place, key, found, min, max }.into());
    }
    let mut modules = Vec::new();
    let mut left = MODULE_BYTES_MAX;
    gather(dir, "", 0, &mut modules, &mut left)?;
    modules.sort();
    if modules.iter().all(|(path, _)| *path != settings.main) {
        let place = toml_file::place_of(&file, &text, &["main"]);
        return Err(WorkerProblem::Main { place, worker: name, main: settings.main }.into());
    }
    let version = version(&text, &modules);
    Ok(WorkerSource { name, settings, modules, version })
}

/// Adds the modules below `dir`, whose path within the Worker's folder is `prefix`.
fn gather(
    dir: &Path,
    prefix: &str,
    depth: usize,
    modules: &mut Vec<(String, Vec<u8>)>,
    left: &mut u64,
) -> Result<(), PolicyError> {
    let read = |path: &Path, source| Problem::Read { path: path.to_owned(), source };
    for entry in std::fs::read_dir(dir).map_err(|source| read(dir, source))? {
        let path = entry.map_err(|source| read(dir, source))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let within = format!("{prefix}{name}");
        if path.is_dir() {
            if depth < DEPTH_MAX {
                gather(&path, &format!("{within}/"), depth + 1, modules, left)?;
            }
            continue;
        }
        if path.extension().and_then(|end| end.to_str()).is_none_or(|end| !MODULES.contains(&end)) {
            continue;
        }
        let bytes = std::fs::metadata(&path).map_err(|source| read(&path, source))?.len();
        if bytes > *left || modules.len() >= MODULES_MAX {
            return Err(WorkerProblem::Size { path, bytes_max: MODULE_BYTES_MAX }.into());
        }
        *left -= bytes;
        modules.push((within, std::fs::read(&path).map_err(|source| read(&path, source))?));
    }
    Ok(())
}

fn version(settings: &str, modules: &[(String, Vec<u8>)]) -> String {
    let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let mut add = |bytes: &[u8]| {
        digest.update(&bytes.len().to_le_bytes());
        digest.update(bytes);
    };
    add(settings.as_bytes());
    for (path, contents) in modules {
        add(path.as_bytes());
        add(contents);
    }
    let digest = digest.finish();
    digest.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
