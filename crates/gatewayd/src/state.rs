//! The state folder: where it is, and what the first start puts into it. A file that is there is
//! never written over.

use std::ffi::OsString;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The files of a new state folder, by name. Those of the policy stand for the default policy too
/// where no folder is named.
const FILES: [(&str, &str); 4] = [
    ("gateway.toml", GATEWAY_TOML),
    ("policy/rules.toml", RULES_TOML),
    ("policy/dlp.toml", DLP_TOML),
    ("policy/av/README.md", include_str!("state/av-README.md")),
];

/// The commented configuration; every setting has its default.
pub(crate) const GATEWAY_TOML: &str = include_str!("state/gateway.toml");
/// The rules of a new policy: malware blocked, data loss logged.
pub(crate) const RULES_TOML: &str = include_str!("state/rules.toml");
/// The DLP profiles of a new policy.
pub(crate) const DLP_TOML: &str = include_str!("state/dlp.toml");

/// Why there is no state folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StateError {
    /// Neither the command line nor the environment says where it should be.
    #[error("no place for the state folder: name one with --state, or set HOME")]
    NoHome,
    /// A folder or file could not be made.
    #[error("cannot create {}: {source}", .path.display())]
    Create {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The state folder: `named` by the command line, else `gateway` in `$XDG_STATE_HOME`, else in
/// `~/.local/state` (XDG Base Directory Specification). `variable` reads the environment.
///
/// # Errors
///
/// [`StateError::NoHome`].
pub(crate) fn locate(
    named: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, StateError> {
    if let Some(named) = named {
        return Ok(std::path::absolute(named).unwrap_or_else(|_| named.to_owned()));
    }
    // The specification wants relative paths ignored.
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("gateway"))
        .ok_or(StateError::NoHome)
}

/// Creates what is missing of the state folder `dir`, for its owner alone, and gives the names of
/// the files that were made: none when all were there.
///
/// # Errors
///
/// [`StateError::Create`].
pub(crate) fn create(dir: &Path) -> Result<Vec<&'static str>, StateError> {
    for folder in ["", "log", "policy/av"] {
        let path = dir.join(folder);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(|source| StateError::Create { path, source })?;
    }
    let mut made = Vec::new();
    for (name, contents) in FILES {
        let path = dir.join(name);
        match write_new(&path, contents.as_bytes()) {
            Ok(()) => made.push(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(StateError::Create { path, source }),
        }
    }
    Ok(made)
}

/// Writes a file that only its owner can read.
///
/// # Errors
///
/// What the system said; `AlreadyExists` when there is a file of this name.
pub(crate) fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Config;
    use crate::scratch::Scratch;

    #[test]
    fn the_folder_is_found_as_xdg_says() {
        let check = |named: Option<&str>, state: Option<&str>, home: Option<&str>| {
            locate(named.map(Path::new), |name| {
                if name == "HOME" { home.map(Into::into) } else { state.map(Into::into) }
            })
            .ok()
        };
        assert_eq!(check(Some("/s"), Some("/x"), Some("/h")), Some("/s".into()));
        assert_eq!(check(None, Some("/x"), Some("/h")), Some("/x/gateway".into()));
        let usual = Some("/h/.local/state/gateway".into());
        assert_eq!(check(None, None, Some("/h")), usual);
        assert_eq!(check(None, Some("relative"), Some("/h")), usual);
        assert_eq!(check(None, None, None), None);
    }

    #[test]
    fn the_first_start_makes_everything_and_the_second_nothing() {
        let scratch = Scratch::new();
        let dir = scratch.path().join("deep/state");
        assert_eq!(create(&dir).unwrap().len(), FILES.len());
        let mode =
            |name: &str| std::fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("log"), mode("policy/av")), (0o700, 0o700, 0o700));
        assert_eq!((mode("gateway.toml"), mode("policy/rules.toml")), (0o600, 0o600));
        std::fs::write(dir.join("gateway.toml"), "mine").unwrap();
        std::fs::remove_file(dir.join("policy/dlp.toml")).unwrap();
        assert_eq!(create(&dir).unwrap(), ["policy/dlp.toml"]);
        assert_eq!(std::fs::read_to_string(dir.join("gateway.toml")).unwrap(), "mine");
    }

    #[test]
    fn the_default_file_shows_every_setting_with_its_default() {
        assert_eq!(toml::from_str::<Config>(GATEWAY_TOML).unwrap(), Config::default());
        // The settings that exist are those that the error about an unknown one lists.
        for table in [
            "",
            "ca",
            "origin",
            "limits",
            "timeouts",
            "log",
            "policy",
            "workers",
            "page",
            "reload",
            "admin",
            "monitor",
            "otlp",
            "events",
            "identity",
            "quarantine",
            "progress",
        ] {
            let header = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
            let error = toml::from_str::<Config>(&format!("{header}x = 0")).unwrap_err();
            let known: BTreeSet<_> = error.message().split('`').skip(3).step_by(2).collect();
            let document: toml::Table = GATEWAY_TOML.parse().unwrap();
            let shown =
                if table.is_empty() { &document } else { document[table].as_table().unwrap() };
            let shown: BTreeSet<_> = shown.keys().map(String::as_str).collect();
            assert_eq!(shown, known, "[{table}]");
        }
    }

    #[test]
    fn every_setting_is_explained() {
        let lines: Vec<&str> = GATEWAY_TOML.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.contains(" = ") && !line.starts_with('#') {
                let above = lines[number - 1];
                assert!(above.starts_with('#'), "line {}: {line}", number + 1);
            }
        }
    }
}
