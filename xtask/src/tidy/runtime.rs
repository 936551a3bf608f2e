//! Runtime: only the packages that do IO name an asynchronous runtime in their manifest.
//!
//! A library that wraps the `h2` crate may name tokio beside it, for the two IO traits. `cargo xtask
//! test runtime-free` looks at the whole tree behind each library, and at tokio's features there.

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
        let has_h2 = package.shipped_dependencies().any(|dependency| dependency.name == "h2");
        let named = package.shipped_dependencies().filter(move |dependency| {
            let traits = has_h2 && dependency.name == "tokio";
            !traits
                && RUNTIMES.iter().any(|runtime| {
                    dependency.name == *runtime
                        || dependency.name.starts_with(&format!("{runtime}-"))
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

    fn check(package: &str, dependencies: &[&str], kind: Kind, complaints: usize) {
        let package = Package {
            name: package.into(),
            version: "0.1.0".into(),
            license: None,
            folder: format!("crates/{package}"),
            dependencies: dependencies
                .iter()
                .map(|name| Dependency { name: (*name).into(), kind })
                .collect(),
        };
        assert_eq!(judge(&[package]).len(), complaints, "{dependencies:?} {kind:?}");
    }

    #[test]
    fn manifests() {
        check("gateway-dlp", &["tokio"], Kind::Normal, 1);
        check("gateway-dlp", &["tokio-util"], Kind::Normal, 1);
        check("gateway-dlp", &["tokio"], Kind::Dev, 0);
        check("gateway-dlp", &["tokioish"], Kind::Normal, 0);
        check("gateway-h1h2", &["h2", "tokio"], Kind::Normal, 0);
        check("gateway-h1h2", &["h2", "tokio-util"], Kind::Normal, 1);
        check("gatewayd", &["tokio"], Kind::Normal, 0);
    }
}
