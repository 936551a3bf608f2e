//! The step `consumer`: a package outside the workspace can use each library by its path.
//!
//! One small package per library, each checked by itself, so that no library compiles only
//! because another one switches on a feature that it forgot to ask for.

use std::{fs, path::Path};

use crate::{
    cargo::{self, cargo},
    failure::{During, Failure},
    house,
    metadata::{Metadata, Package},
};

pub(super) fn run() -> Result<(), Failure> {
    let metadata = Metadata::load()?;
    let folder = cargo::target_folder().join("consumer");
    write(&folder, &metadata)?;
    let manifest = folder.join("Cargo.toml");
    for library in metadata.libraries() {
        let mut command = cargo(["check", "--quiet", "--manifest-path"]);
        command.arg(&manifest).args(["--package", &consumer(library)]);
        cargo::run(command)?;
    }
    println!("{} libraries used from outside", metadata.libraries().count());
    Ok(())
}

fn consumer(library: &Package) -> String {
    format!("uses-{}", library.name)
}

/// Writes a workspace of its own with one package per library. It starts from our lock file and
/// dev profile, so that dependencies are the ones that earlier steps built.
fn write(folder: &Path, metadata: &Metadata) -> Result<(), Failure> {
    let put = |path: &Path, text: &str| {
        let parent = path.parent().unwrap_or(path);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(path, text))
            .during(|| path.display().to_string())
    };
    for library in metadata.libraries() {
        let package = folder.join(consumer(library));
        put(&package.join("Cargo.toml"), &manifest(library, &cargo::root()))?;
        let name = library.name.replace('-', "_");
        put(
            &package.join("src/lib.rs"),
            &format!("//! Uses {name} from outside.\n\npub use {name} as library;\n"),
        )?;
    }
    put(&folder.join("Cargo.lock"), &house::read("Cargo.lock")?)?;
    let profile = dev_profile(&house::read("Cargo.toml")?);
    put(
        &folder.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = [\"uses-*\"]\n\n{profile}"),
    )
}

fn manifest(library: &Package, root: &Path) -> String {
    let (name, path) = (&library.name, root.join(&library.folder));
    format!(
        "[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{name} = {{ path = {path:?} }}\n",
        consumer(library),
    )
}

/// The tables `profile.dev…` of a manifest.
fn dev_profile(manifest: &str) -> String {
    let mut inside = false;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            inside = line.starts_with("[profile.dev");
        }
        inside && !line.starts_with('#')
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::dev_profile;

    #[test]
    fn the_dev_profile_is_taken_over() {
        let manifest = "[a]\nb = 1\n\n# Why.\n[profile.dev]\nc = 2\n[profile.dev.package.\"*\"]\nd = 3\n[profile.bench]\ne = 4\n";
        assert_eq!(
            dev_profile(manifest),
            "[profile.dev]\nc = 2\n[profile.dev.package.\"*\"]\nd = 3\n"
        );
    }
}
