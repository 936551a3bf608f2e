//! What `cargo metadata` says of the workspace: packages, their dependencies and licences.

use serde_json::Value;

use crate::{
    cargo,
    failure::{During, Failure},
};

/// The packages of the workspace and everything they depend on, on any platform.
pub(crate) struct Metadata {
    /// Our own packages, in alphabetical order.
    pub(crate) ours: Vec<Package>,
    /// Packages from elsewhere, in alphabetical order.
    pub(crate) foreign: Vec<Package>,
}

/// One package at one version.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The manifest's `license` expression.
    pub(crate) license: Option<String>,
    /// The folder of the manifest, relative to the root for packages of ours.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// Which of the dependency tables a dependency stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

impl Metadata {
    /// Asks `cargo metadata`.
    pub(crate) fn load() -> Result<Self, Failure> {
        let text = cargo::read(cargo::cargo(["metadata", "--format-version", "1"]))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let value: Value = serde_json::from_str(text).during(|| "cargo metadata".into())?;
        let root = value["workspace_root"].as_str().unwrap_or_default();
        let members = list(&value["workspace_members"]);
        let (mut ours, mut foreign) = (Vec::new(), Vec::new());
        for package in list(&value["packages"]) {
            let home = if members.contains(&package["id"]) { &mut ours } else { &mut foreign };
            home.push(Package::parse(package, root));
        }
        for packages in [&mut ours, &mut foreign] {
            packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        }
        Ok(Self { ours, foreign })
    }

    /// The libraries: every package under `crates/` that does no IO.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = &Package> {
        self.ours.iter().filter(|package| package.is_library())
    }
}

/// The packages that do IO; every other one under `crates/` is a library without a runtime.
const IO: [&str; 3] = ["gateway-admin", "gateway-sinks", "gatewayd"];

/// Whether `name` is the name of a package that may do IO.
pub(crate) fn does_io(name: &str) -> bool {
    IO.contains(&name)
}

impl Package {
    fn parse(value: &Value, root: &str) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let manifest = text("manifest_path");
        let folder = manifest.strip_suffix("/Cargo.toml").unwrap_or(&manifest);
        Self {
            name: text("name"),
            version: text("version"),
            license: value["license"].as_str().map(str::to_owned),
            folder: folder.strip_prefix(root).unwrap_or(folder).trim_start_matches('/').to_owned(),
            dependencies: list(&value["dependencies"]).iter().map(Dependency::parse).collect(),
        }
    }

    /// Whether this is one of the gateway's crates, not a tool around them.
    pub(crate) fn is_crate(&self) -> bool {
        self.folder.starts_with("crates/")
    }

    /// Whether this is a crate that does no IO.
    pub(crate) fn is_library(&self) -> bool {
        self.is_crate() && !does_io(&self.name)
    }

    /// What stands in `[dependencies]` and `[build-dependencies]`.
    pub(crate) fn shipped_dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| dependency.kind != Kind::Dev)
    }
}

impl Dependency {
    fn parse(value: &Value) -> Self {
        let kind = match value["kind"].as_str() {
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        };
        Self { name: value["name"].as_str().unwrap_or_default().to_owned(), kind }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Metadata};

    #[test]
    fn own_and_foreign_packages_are_told_apart() {
        let text = r#"{
          "workspace_root": "/r", "workspace_members": ["b"],
          "packages": [
            {"id": "z", "name": "z", "version": "1.0.0", "license": "MIT", "manifest_path": "/x/Cargo.toml", "dependencies": []},
            {"id": "b", "name": "b", "version": "0.1.0", "license": null, "manifest_path": "/r/crates/b/Cargo.toml",
             "dependencies": [{"name": "z", "kind": null}, {"name": "y", "kind": "dev"}]}
          ]}"#;
        let metadata = Metadata::parse(text).unwrap();
        assert_eq!(metadata.foreign[0].license.as_deref(), Some("MIT"));
        let b = &metadata.ours[0];
        assert_eq!((b.folder.as_str(), b.is_library()), ("crates/b", true));
        assert_eq!(b.dependencies[1].kind, Kind::Dev);
        assert_eq!(b.shipped_dependencies().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["z"]);
    }

    #[test]
    fn broken_text_is_an_error() {
        assert!(Metadata::parse("{").is_err());
    }
}
