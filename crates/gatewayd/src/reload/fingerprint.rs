//! What the files of the gateway look like from outside: enough to see that one has changed,
//! without reading it.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::Config;

/// Folders within the policy folder that are looked into.
const DEPTH_MAX: usize = 8;

/// The look of a set of files: which there are, and of each its identity, length and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(BTreeMap<PathBuf, Look>);

/// The look of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    dev: u64,
    inode: u64,
    /// Bytes.
    pub(crate) len: u64,
    /// When the contents changed, and when anything did: a copy that keeps the first shows in the
    /// second.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Look {
    fn of(metadata: &Metadata) -> Self {
        Self {
            dev: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Fingerprint {
    /// That of `files`.
    pub(crate) fn of_files<'a>(files: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut looks = Self(BTreeMap::new());
        files.into_iter().for_each(|file| looks.file(file));
        looks
    }

    /// The look of one of the files, if it was there.
    pub(crate) fn look_of(&self, path: &Path) -> Option<Look> {
        self.0.get(path).copied()
    }

    /// The files that were there and that `accept` accepts, with their looks.
    pub(crate) fn those(&self, accept: impl Fn(&Path) -> bool) -> Vec<(&Path, Look)> {
        let all = self.0.iter().map(|(path, look)| (path.as_path(), *look));
        all.filter(|(path, _)| accept(path)).collect()
    }

    /// That of all files that `config`, which stands in `config_file`, names.
    pub(super) fn of(config: &Config, config_file: &Path) -> Self {
        let mut looks = Self(BTreeMap::new());
        let Config { av, ca, origin, policy, identity, icap, icap_server, .. } = config;
        let files = [config_file, &ca.cert, &ca.key, &identity.users, &identity.jwt.jwks];
        let lists = origin.extra_ca.iter().chain(&identity.device.ca).chain(&av.certificates);
        let of_icap = icap.iter().flat_map(|icap| [&icap.ca, &icap.certificate, &icap.key]);
        let shown = [&icap_server.certificate, &icap_server.key, &icap_server.client_ca];
        let lists = lists.chain(of_icap).chain(shown).map(PathBuf::as_path);
        for file in files.into_iter().chain(lists) {
            looks.file(file);
        }
        looks.folder(&policy.dir, DEPTH_MAX);
        looks
    }

    /// A file that is not there has no look; links are followed.
    fn file(&mut self, path: &Path) {
        if let Ok(metadata) = std::fs::metadata(path) {
            self.0.insert(path.to_owned(), Look::of(&metadata));
        }
    }

    /// The files within `dir`. Hidden ones, as editors leave them, count for nothing.
    fn folder(&mut self, dir: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if !path.is_dir() {
                self.file(&path);
            } else if depth > 0 {
                self.folder(&path, depth - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn every_change_of_every_file_shows() {
        let scratch = Scratch::new();
        let file = scratch.write("gateway.toml", "");
        scratch.write("policy/rules.toml", "a");
        scratch.write("policy/av/a.hdb", "");
        let mut config = Config::default();
        config.policy.dir = scratch.path().join("policy");
        config.ca.cert = scratch.write("ca.pem", "1");
        config.ca.key = scratch.path().join("ca.key");
        config.origin.extra_ca = vec![scratch.write("extra.pem", "1")];
        config.identity.users = scratch.write("users.toml", "");
        config.identity.jwt.jwks = scratch.write("keys.json", "");
        config.identity.device.ca = vec![scratch.write("devices.pem", "")];
        let mut before = Fingerprint::of(&config, &file);
        assert_eq!(before, Fingerprint::of(&config, &file));
        let changes: [(&str, &dyn Fn()); 9] = [
            ("users", &|| drop(scratch.write("users.toml", "#"))),
            ("keys", &|| drop(scratch.write("keys.json", "#"))),
            ("authorities of devices", &|| drop(scratch.write("devices.pem", "#"))),
            ("the configuration", &|| drop(scratch.write("gateway.toml", "#"))),
            ("another length", &|| drop(scratch.write("policy/rules.toml", "ab"))),
            ("a new file below", &|| drop(scratch.write("policy/av/b.hdb", ""))),
            ("a file that goes", &|| std::fs::remove_file(&config.ca.cert).unwrap()),
            ("a file that comes", &|| drop(scratch.write("ca.key", ""))),
            ("a file in the place of another", &|| {
                let new = scratch.write("new.pem", "1");
                std::fs::rename(new, scratch.path().join("extra.pem")).unwrap();
            }),
        ];
        for (what, change) in changes {
            change();
            let after = Fingerprint::of(&config, &file);
            assert_ne!(before, after, "{what}");
            before = after;
        }
        scratch.write("policy/.rules.toml.swp", "");
        assert_eq!(before, Fingerprint::of(&config, &file));
    }
}
