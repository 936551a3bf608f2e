//! The macro of the table: rows once as data and once as code.

/// Makes of the rows both the table and a function that reads each of them in its place. A table that
/// is walked costs a call for every field of every record, most of which are not there; straight code
/// costs a look. Rows stand in groups, each with what must hold for any of its facts to be known.
macro_rules! rows {
    ($(if $known:expr => [$($row:expr),* $(,)?]),* $(,)?) => {
        pub(crate) static RECORD: &[Row] = &[$($($row),*),*];

        /// Shows `visit` the fields of `record` that are there, in order, each with its name.
        pub(crate) fn visit_present<'a>(
            record: &'a Record,
            visit: &mut dyn FnMut(&'static str, &Value<'a>),
        ) {
            $({
                const KNOWN: fn(&Record) -> bool = $known;
                if KNOWN(record) {
                    $({
                        const ROW: Row = $row;
                        match (ROW.value)(record) {
                            Value::Absent => {}
                            value => visit(ROW.spec.name, &value),
                        }
                    })*
                }
            })*
        }
    };
}

pub(super) use rows;
