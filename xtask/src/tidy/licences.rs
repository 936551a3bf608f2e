//! Licences: whatever we depend on, on any platform, may be shipped with an Apache-2.0 product.

use super::Complaint;
use crate::{failure::Failure, house::House, licence, metadata::Package};

pub(super) fn check(house: &House) -> Result<Vec<Complaint>, Failure> {
    Ok(judge(&house.metadata.foreign))
}

fn judge(packages: &[Package]) -> Vec<Complaint> {
    let complain = |package: &Package| {
        let message = match package.license.as_deref() {
            Some(expression) if licence::is_allowed(expression) => return None,
            Some(expression) => format!("its licence is `{expression}`"),
            None => "its manifest names no licence".to_owned(),
        };
        let place = format!("{} {}", package.name, package.version);
        Some(Complaint::fails(place, message))
    };
    packages.iter().filter_map(complain).collect()
}

#[cfg(test)]
mod tests {
    use super::{Package, judge};

    #[test]
    fn packages() {
        for (license, complaints) in [(Some("MIT"), 0), (Some("AGPL-3.0-only"), 1), (None, 1)] {
            let package = Package {
                name: "a".into(),
                version: "1.0.0".into(),
                license: license.map(str::to_owned),
                folder: String::new(),
                dependencies: Vec::new(),
            };
            assert_eq!(judge(&[package]).len(), complaints, "{license:?}");
        }
    }
}
