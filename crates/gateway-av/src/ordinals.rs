//! Names of functions that programs import by number: those of the two libraries whose numbers are
//! fixed, OLE automation and Windows sockets. Import hashes are over names.

use std::sync::LazyLock;

/// Lines of `number,name`, by number.
const OLE_AUTOMATION: &str = include_str!("../data/oleaut32.csv");
const SOCKETS: &str = include_str!("../data/ws2_32.csv");

/// The name of function `number` of `library`, whose name is in small letters.
pub(crate) fn ordinal_name(library: &[u8], number: u16) -> Option<&'static str> {
    static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| [OLE_AUTOMATION, SOCKETS].map(table));
    let [ole_automation, sockets] = &*TABLES;
    let table = match library {
        b"oleaut32.dll" => ole_automation,
        b"ws2_32.dll" | b"wsock32.dll" => sockets,
        _ => return None,
    };
    let at = table.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    table.get(at).map(|(_, name)| *name)
}

type Table = Vec<(u16, &'static str)>;

fn table(lines: &'static str) -> Table {
    let row = |line: &'static str| {
        let (number, name) = line.split_once(',')?;
        Some((number.parse().ok()?, name))
    };
    lines.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_the_names_of_their_numbers() {
        for (lines, functions) in [(OLE_AUTOMATION, 425), (SOCKETS, 196)] {
            let table = table(lines);
            assert!(table.is_sorted_by(|one, next| one.0 < next.0));
            assert_eq!((table.len(), lines.lines().count()), (functions, functions));
        }
        for (library, number, name) in [
            (&b"oleaut32.dll"[..], 2, Some("SysAllocString")),
            (b"wsock32.dll", 115, Some("WSAStartup")),
            (b"ws2_32.dll", 0, None),
            (b"other.dll", 2, None),
        ] {
            assert_eq!(ordinal_name(library, number), name);
        }
    }
}
