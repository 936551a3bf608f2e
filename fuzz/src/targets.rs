//! A target for each of many names, where one law takes the name. Not the list of all targets.

/// Makes them: `WHAT, LAW:` and a line for each, with what the target and its decoder or format are called.
/// In tests, `NAMES` are the latter.
macro_rules! targets {
    ($what:literal, $law:path: $($target:ident $name:literal,)*) => {
        $(
            #[doc = concat!($what, " `", $name, "`.")]
            pub fn $target(data: &[u8]) {
                $law($name, data);
            }
        )*

        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),*];
    };
}

pub(crate) use targets;
