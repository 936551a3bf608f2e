//! Runtime: only the packages that do IO name an asynchronous runtime in their manifest.
//!
//! `cargo xtask test runtime-free` looks at the whole tree behind each library.

use super::Complaint;
use crate::{
    failure::Failure,
    house::House,
    metadata::{Package, does_io},
};

/// Crates that bring threads, timers or sockets of their own.
const RUNTIMES: &[&str] = &["async-io", "async-std", "glommio", "mio", "monoio", "smol", "tokio"];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>, Failure> {
    Ok(judge(&house.metadata.ours))
}

fn judge(packages: &[Package]) -> Vec<Complaint> {
    let bound = packages.iter().filter(|package| package.is_crate() && !does_io(&package.name));
    let complaints = bound.flat_map(|package| {
        let named = package.shipped_dependencies().filter(|dependency| {
            RUNTIMES.iter().any(|runtime| {
                dependency.name == *runtime || dependency.name.starts_with(&format!("{runtime}-"))
            })
        });
        named.map(|dependency| {
            let place = format!("{}/Cargo.toml", package.folder);
            Complaint::fails(place, format!("a library does not depend on {}", dependency.name))
        })
    });
    complaints.collect()
}

#[cfg(test)]
mod tests {
    use super::{Package, judge};
    use crate::metadata::{Dependency, Kind};

    fn check(package: &str, dependency: &str, kind: Kind, complaints: usize) {
        let package = Package {
            name: package.into(),
            version: "0.1.0".into(),
            license: None,
            folder: format!("crates/{package}"),
            dependencies: vec![Dependency { name: dependency.into(), kind }],
        };
        assert_eq!(judge(&[package]).len(), complaints, "{dependency} {kind:?}");
    }

    #[test]
    fn manifests() {
        check("gateway-dlp", "tokio", Kind::Normal, 1);
        check("gateway-dlp", "tokio-util", Kind::Normal, 1);
        check("gateway-dlp", "tokio", Kind::Dev, 0);
        check("gateway-dlp", "tokioish", Kind::Normal, 0);
        check("gatewayd", "tokio", Kind::Normal, 0);
    }
}
