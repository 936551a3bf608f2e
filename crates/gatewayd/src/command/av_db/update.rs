//! `gateway-proxy av db update`: scripts of changes (`.cdiff`) carried out on the databases of a folder, as
//! ClamAV's updater does it. It fetches nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gateway_av::DatabaseLimits;
use gateway_av::container::{Container, Header, pack};
use gateway_av::signed::Trust;
use gateway_av::update::Files;

use super::{Ended, is_there, script};
use crate::args::AvDbUpdateArgs;
use crate::policy::{self, Problem};

/// Carries out the scripts in their order. All results are there and verified before the first one takes
/// the place of what it was made of.
pub(super) fn update(args: &AvDbUpdateArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    is_there(&args.dir)?;
    let trust = policy::av_trust(&args.trust.settings())?;
    let mut databases: BTreeMap<String, Database> = BTreeMap::new();
    for path in &args.scripts {
        let name = database_of(path)?;
        if !databases.contains_key(&name) {
            databases.insert(name.clone(), Database::open(&args.dir, &name, &trust)?);
        }
        if let Some(database) = databases.get_mut(&name) {
            database.follow(path, &trust)?;
        }
    }
    let updated = databases.into_values().map(|one| one.packed(&trust));
    for one in updated.collect::<Result<Vec<_>, _>>()? {
        one.put()?;
        let Header { version, signatures, .. } = one.container.header();
        let vouched = one.container.vouched();
        let path = one.path.display();
        writeln!(out, "{path}: version {version}, {signatures} signatures; {vouched}")?;
    }
    Ok(Ended::Well)
}

/// The name of the database that a script is for.
fn database_of(script: &Path) -> Result<String, String> {
    let stem = script.file_stem().and_then(|stem| stem.to_str());
    let name = stem.and_then(|stem| stem.rsplit_once('-')).filter(|(name, version)| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let is_script = script.extension().is_some_and(|extension| extension == "cdiff");
        is_script
            && !name.is_empty()
            && name.bytes().all(is_plain)
            && version.parse::<u64>().is_ok()
    });
    let wrong = || format!("{}: expected a name such as daily-27000.cdiff", script.display());
    name.map(|(name, _)| name.to_owned()).ok_or_else(wrong)
}

/// A database in memory.
struct Database {
    name: String,
    version: u64,
    files: Files,
    /// What it was made of.
    sources: Vec<PathBuf>,
    /// The container that it becomes.
    path: PathBuf,
}

/// A database that is a container again.
struct Updated {
    bytes: Vec<u8>,
    container: Container,
    sources: Vec<PathBuf>,
    path: PathBuf,
}

impl Database {
    /// The database `name` in `dir`: of its containers the newest one, or what is unpacked of it.
    fn open(dir: &Path, name: &str, trust: &Trust) -> Result<Self, Box<dyn Error>> {
        let mut packed = Vec::new();
        for extension in ["cvd", "cld"] {
            let path = dir.join(format!("{name}.{extension}"));
            if path.exists() {
                packed.push((policy::open_av_container(&path, trust)?, path));
            }
        }
        let path = dir.join(format!("{name}.cld"));
        let name = name.to_owned();
        let sources = packed.iter().map(|(_, path)| path.clone()).collect();
        let newest = packed.into_iter().max_by_key(|(container, _)| container.header().version);
        if let Some((container, _)) = newest {
            let members = container.members();
            let files = members.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
            let version = container.header().version;
            return Ok(Self { name, version, files, sources, path });
        }
        Self::unpacked(dir, name, path)
    }

    fn unpacked(dir: &Path, name: String, path: PathBuf) -> Result<Self, Box<dyn Error>> {
        let (mut files, mut sources) = (Files::new(), Vec::new());
        let cannot = |path: &Path, source| Problem::Read { path: path.to_owned(), source };
        for entry in std::fs::read_dir(dir).map_err(|error| cannot(dir, error))? {
            let file = entry.map_err(|error| cannot(dir, error))?.path();
            let text = |part: Option<&std::ffi::OsStr>| {
                part.and_then(|part| part.to_str()).unwrap_or_default().to_owned()
            };
            let (full, stem) = (text(file.file_name()), text(file.file_stem()));
            if (stem == name || full == "COPYING") && file.is_file() {
                let bytes = std::fs::read(&file).map_err(|error| cannot(&file, error))?;
                files.insert(full, bytes);
                if stem == name {
                    sources.push(file);
                }
            }
        }
        let none = || format!("{}: there is no database {name}", dir.display());
        files.get(&format!("{name}.info")).ok_or_else(none)?;
        let header = Header::read(&pack(&name, &files)?);
        let version = header.map_err(|error| format!("{}: {error}", path.display()))?.version;
        Ok(Self { name, version, files, sources, path })
    }

    /// Carries out the script `path`, which must lead to the next version.
    fn follow(&mut self, path: &Path, trust: &Trust) -> Result<(), Box<dyn Error>> {
        let script = script(path, trust)?;
        let (version, shown) = (script.version(), path.display());
        let wanted = self.version.saturating_add(1);
        if version != wanted {
            let (name, has) = (&self.name, self.version);
            return Err(format!(
                "{shown}: leads to version {version}, but {name} is of version {has}: expected the script to \
                 version {wanted}"
            )
            .into());
        }
        script.apply(&mut self.files).map_err(|error| format!("{shown}: {error}"))?;
        self.version = version;
        Ok(())
    }

    /// The container, verified as it will be when it is loaded.
    fn packed(self, trust: &Trust) -> Result<Updated, Box<dyn Error>> {
        let Self { name, version, files, sources, path } = self;
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let bytes = pack(&name, &files).map_err(|error| wrong(&error))?;
        drop(files);
        let cannot = |source| Problem::Read { path: path.clone(), source };
        let beside = policy::av_beside(&path, Some(version)).map_err(cannot)?;
        let max = DatabaseLimits::default().unpacked_bytes_max;
        let container = Container::open(&bytes, beside.as_deref(), trust, max);
        let container = container.map_err(|error| wrong(&error))?;
        if container.header().version != version {
            let says = container.header().version;
            let error = format!("its list of members is of version {says}, not {version}");
            return Err(wrong(&error).into());
        }
        Ok(Updated { bytes, container, sources, path })
    }
}

impl Updated {
    /// Puts it where it belongs in one step, and takes away what it was made of.
    fn put(&self) -> Result<(), String> {
        let path = &self.path;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Hidden, so that nobody loads it.
        let new = path.with_file_name(format!(".{name}.new"));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(&self.bytes)?;
            file.sync_all()?;
            std::fs::rename(&new, path)
        };
        if let Err(error) = write() {
            let _ = std::fs::remove_file(&new);
            return Err(format!("cannot write {}: {error}", path.display()));
        }
        for source in self.sources.iter().filter(|source| *source != path) {
            // What stays is older and passed over, or the same once more.
            if let Err(error) = std::fs::remove_file(source) {
                let shown = source.display();
                let _ = writeln!(io::stderr(), "gateway-proxy: warning: {shown} stays: {error}");
            }
        }
        Ok(())
    }
}
