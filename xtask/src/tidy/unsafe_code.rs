//! Unsafe code: forbidden by the workspace's lints, which every package takes over.
//!
//! `benches/` alone is free to leave them: a counting allocator cannot be written without.

use super::Complaint;
use crate::{
    failure::Failure,
    house::{self, House},
};

pub(super) fn check(house: &House) -> Result<Vec<Complaint>, Failure> {
    let mut complaints = Vec::new();
    if !has(&house::read("Cargo.toml")?, "[workspace.lints.rust]", "unsafe_code = \"forbid\"") {
        complaints
            .push(Complaint::fails("Cargo.toml", "the workspace does not forbid unsafe code"));
    }
    for package in house.metadata.ours.iter().filter(|package| package.folder != "benches") {
        let path = format!("{}/Cargo.toml", package.folder);
        if !has(&house::read(&path)?, "[lints]", "workspace = true") {
            complaints.push(Complaint::fails(path, "it does not take over the workspace's lints"));
        }
    }
    Ok(complaints)
}

/// Whether `line` stands in the table `table` of a manifest.
fn has(manifest: &str, table: &str, line: &str) -> bool {
    let lines = manifest.lines().map(str::trim).skip_while(|l| *l != table).skip(1);
    lines.take_while(|l| !l.starts_with('[')).any(|l| l == line)
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn lines_of_tables() {
        let manifest = "[a]\nx = 1\n\n[lints]\nworkspace = true\n[b]\ny = 2\n";
        assert!(has(manifest, "[lints]", "workspace = true"));
        assert!(!has(manifest, "[lints]", "y = 2"));
        assert!(!has(manifest, "[a]", "workspace = true"));
        assert!(!has(manifest, "[c]", "x = 1"));
    }
}
