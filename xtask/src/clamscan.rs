//! `cargo xtask clamscan [--size 10000]`: as many generated signatures over as many damaged files, in
//! our scanner and in `clamscan`, which is to find the same.

use crate::{
    cargo,
    failure::{During, Failure},
    test,
};

/// Signatures, and files, where the command line says nothing.
const SIZE: u32 = 10_000;

/// How many signatures, and files, the command line asks for.
fn parse(arguments: &[String]) -> Result<u32, Failure> {
    match arguments {
        [] => Ok(SIZE),
        [word, number] if word == "--size" => number.parse().during(|| "--size".to_owned()),
        [other, ..] => Err(Failure::new(format!("`{other}` is not understood"))),
    }
}

/// Runs the comparison, which tells how many findings agreed, or all that did not.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let size = parse(arguments)?;
    test::set_up()?;
    let mut command = cargo::cargo(["test", "--release", "--package", "gateway-av"]);
    command.args(["--test", "clamscan", "--", "--nocapture", "many_signatures"]);
    command.env("GATEWAY_CLAMSCAN_SIZE", size.to_string());
    cargo::run(command)
}

#[cfg(test)]
mod tests {
    use super::{SIZE, parse};

    #[test]
    fn the_size_is_asked_for_or_not() {
        let parse = |text: &str| {
            let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
            parse(&words).ok()
        };
        assert_eq!(parse(""), Some(SIZE));
        assert_eq!(parse("--size 300"), Some(300));
        assert_eq!(parse("--size many"), None);
        assert_eq!(parse("--files 3"), None);
    }
}
