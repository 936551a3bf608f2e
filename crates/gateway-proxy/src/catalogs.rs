//! What an administrator tells of addresses and hosts: countries, categories, applications, prompts. Reads
//! texts and looks things up; it knows nobody else's data, and no rule.

mod applications;
mod countries;
mod hosts;
mod prompts;

pub use applications::{Application, Applications, Part, Status};
pub use countries::{Countries, Country};
pub use hosts::Categories;
pub use prompts::{JsonStep, Location, Prompt, Prompts};

/// All that is told. Empty where nothing is: then the fields that come from here have no value.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Catalogs {
    /// Countries of addresses.
    pub countries: Countries,
    /// Categories of what hosts offer.
    pub content: Categories,
    /// Risks of hosts.
    pub security: Categories,
    /// Applications that hosts belong to.
    pub applications: Applications,
    /// Requests that carry prompts, besides those that are built in.
    pub prompts: Prompts,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct CatalogFault {
    /// Its number, from 1 on.
    pub line: usize,
    /// What was expected there.
    pub expected: &'static str,
    /// What was found.
    pub found: String,
}

/// The most bytes of a faulty line that are shown.
const SHOWN_BYTES: usize = 80;

/// Reads each line that is neither empty nor a comment (`#`), its fields parted by commas; gives what
/// `row` makes of them, or every fault.
fn rows<T>(
    text: &str,
    mut row: impl FnMut(&[&str]) -> Result<T, &'static str>,
) -> Result<Vec<T>, Vec<CatalogFault>> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        match row(&fields) {
            Ok(made) => read.push(made),
            Err(expected) => {
                let end =
                    (0..=SHOWN_BYTES.min(line.len())).rev().find(|&at| line.is_char_boundary(at));
                let found = line.get(..end.unwrap_or(0)).unwrap_or_default().to_owned();
                faults.push(CatalogFault { line: number, expected, found });
            }
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_with_its_line() {
        let read = rows("# a\n\n 1, 2 \nx\n3\nyy", |fields| {
            fields
                .iter()
                .map(|field| field.parse::<u8>())
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| "a number")
        });
        let faults = read.expect_err("two lines are faulty");
        let told: Vec<(usize, &str)> = faults.iter().map(|f| (f.line, f.found.as_str())).collect();
        assert_eq!(told, [(4, "x"), (6, "yy")]);
        assert_eq!(
            faults.first().map(ToString::to_string).as_deref(),
            Some("expected a number, found `x`")
        );
    }
}
