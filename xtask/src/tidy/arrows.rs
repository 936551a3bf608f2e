//! Arrows: the crate table of ARCHITECTURE.md is the dependency graph of the crates.
//!
//! The table has the columns `crate | does | uses | may use`. What stands under `uses` is in the
//! crate's manifest; what is in the manifest stands under `uses` or `may use`. Dependencies of
//! tests are not arrows.

use std::collections::{BTreeMap, BTreeSet};

use super::Complaint;
use crate::{
    failure::Failure,
    house::{self, House},
    metadata::Metadata,
};

const PAGE: &str = "ARCHITECTURE.md";
const HEAD: [&str; 4] = ["crate", "does", "uses", "may use"];

type Graph = BTreeMap<String, BTreeSet<String>>;

/// What the table says of one crate.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    line: usize,
    uses: BTreeSet<String>,
    may_use: BTreeSet<String>,
}

pub(super) fn check(house: &House) -> Result<Vec<Complaint>, Failure> {
    Ok(compare(&table(&house::read(PAGE)?), &graph(&house.metadata)))
}

fn graph(metadata: &Metadata) -> Graph {
    let ours: BTreeSet<&str> = metadata.ours.iter().map(|package| package.name.as_str()).collect();
    let crates = metadata.ours.iter().filter(|package| package.is_crate());
    let arrows = crates.map(|package| {
        let names = package.shipped_dependencies().map(|dependency| dependency.name.as_str());
        let to = names.filter(|name| ours.contains(name)).map(str::to_owned).collect();
        (package.name.clone(), to)
    });
    arrows.collect()
}

fn table(page: &str) -> BTreeMap<String, Row> {
    let mut rows = page.lines().zip(1..).skip_while(|(line, _)| cells(line) != HEAD).skip(2);
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let mut table = BTreeMap::new();
    while let Some((text, line)) = rows.next().filter(|(line, _)| line.starts_with('|')) {
        if let [name, _, uses, may_use] = cells(text)[..] {
            let row = Row { line, uses: names(uses), may_use: names(may_use) };
            table.insert(name.trim_matches('`').to_owned(), row);
        }
    }
    table
}

fn cells(line: &str) -> Vec<&str> {
    let Some(inner) = line.trim().strip_prefix('|').and_then(|l| l.strip_suffix('|')) else {
        return Vec::new();
    };
    inner.split('|').map(str::trim).collect()
}

fn compare(table: &BTreeMap<String, Row>, graph: &Graph) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let missing = Row::default();
    for (from, used) in graph {
        let row = table.get(from).unwrap_or(&missing);
        let place = if row.line == 0 { PAGE.to_owned() } else { format!("{PAGE}:{}", row.line) };
        if row.line == 0 {
            complaints.push(Complaint::fails(PAGE, format!("the crate table has no row `{from}`")));
        }
        for to in used.difference(&row.uses).filter(|to| !row.may_use.contains(*to)) {
            let message = format!("{from} depends on {to}, an arrow that the table does not have");
            complaints.push(Complaint::fails(&place, message));
        }
        for to in row.uses.difference(used) {
            let message = format!("the table says that {from} uses {to}; its manifest does not");
            complaints.push(Complaint::fails(&place, message));
        }
    }
    for (from, row) in table.iter().filter(|(from, _)| !graph.contains_key(*from)) {
        let place = format!("{PAGE}:{}", row.line);
        complaints.push(Complaint::fails(place, format!("there is no crate {from}")));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::{Graph, compare, table};

    const PAGE: &str = "# House

| other | table |
|---|---|
| `x` | y |

| crate | does | uses | may use |
|---|---|---|---|
| `a` | one thing, `well` | – | – |
| `b` | another | `a` | – |
| `c` | a third | `a`, `b` | `d` |

After.
";

    fn check(graph: &[(&str, &[&str])], said: &[&str]) {
        let graph: Graph = graph
            .iter()
            .map(|(from, to)| ((*from).to_owned(), to.iter().map(|to| (*to).to_owned()).collect()))
            .collect();
        let complaints = compare(&table(PAGE), &graph);
        let shown: Vec<String> =
            complaints.iter().map(|c| format!("{} {}", c.place, c.message)).collect();
        assert_eq!(shown.len(), said.len(), "{shown:?}");
        for (shown, said) in shown.iter().zip(said) {
            assert!(shown.contains(said), "{shown} / {said}");
        }
    }

    #[test]
    fn the_same_graph_passes() {
        check(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])], &[]);
        check(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b", "d"])], &[]);
    }

    #[test]
    fn both_directions_are_compared() {
        check(&[("a", &["b"]), ("b", &["a"]), ("c", &["a", "b"])], &["md:9 a depends on b"]);
        check(
            &[("a", &[]), ("b", &[]), ("c", &["a", "b"])],
            &["md:10 the table says that b uses a"],
        );
        check(&[("a", &[]), ("b", &["a"])], &["md:11 there is no crate c"]);
        check(
            &[("a", &[]), ("b", &["a"]), ("c", &["a", "b"]), ("e", &["a"])],
            &["md the crate table has no row `e`", "md e depends on a"],
        );
    }
}
