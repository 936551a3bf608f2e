//! The project's chores, one command each: `cargo xtask help` lists them.
//!
//! Nothing here is part of the gateway; no crate depends on it.
#![expect(clippy::print_stdout, reason = "a command line tool talks to the terminal")]

mod autobahn;
mod bench;
mod cargo;
mod clamscan;
mod clickhouse;
mod failure;
mod fuzz;
mod h2spec;
mod house;
mod kafka;
mod licence;
mod metadata;
mod program;
mod release;
mod shape;
mod sinks_outage;
mod source;
mod tally;
mod test;
mod tidy;

use std::process::ExitCode;

use failure::Failure;

/// One word of the command line.
struct Verb {
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

/// Every command, in the order in which `help` shows them.
const VERBS: &[Verb] = &[
    Verb {
        name: "test",
        arguments: "[STEP…]",
        does: "every check, or the named ones",
        run: test::run,
    },
    Verb { name: "ci", arguments: "", does: "the same as `test`", run: test::run },
    Verb {
        name: "tidy",
        arguments: "",
        does: "the rules of the house, in seconds",
        run: tidy::run,
    },
    Verb {
        name: "shape",
        arguments: "",
        does: "file and function lengths per package",
        run: shape::run,
    },
    Verb {
        name: "fuzz",
        arguments: "[TARGET] [--seconds 60 | --runs N]",
        does: "one fuzz target, or each in turn",
        run: fuzz::run,
    },
    Verb {
        name: "bench",
        arguments: "[NAME | av [--runs N] [--only small|large] [--pe FILE] | proxy [--runs N] \
                    [--seconds S] [--only A,D] [--gateway G]]",
        does: "the criterion benches; the scanner beside clamd; the gateway beside other proxies",
        run: bench::run,
    },
    Verb {
        name: "release",
        arguments: "",
        does: "the gateway built by what its load counts; needs `llvm-profdata`",
        run: release::run,
    },
    Verb {
        name: "h2spec",
        arguments: "",
        does: "the gateway under h2spec in strict mode, where H2SPEC names it",
        run: h2spec::run,
    },
    Verb {
        name: "autobahn",
        arguments: "[inspect | rewrite] [CASES]",
        does: "the WebSocket test suite through the gateway; needs Python 2.7",
        run: autobahn::run,
    },
    Verb {
        name: "sinks-outage",
        arguments: "",
        does: "Kafka and ClickHouse away for 30 s at 5,000 records/s",
        run: sinks_outage::run,
    },
    Verb {
        name: "clamscan",
        arguments: "[--size 10000]",
        does: "generated signatures over damaged files: what is found is what `clamscan` finds",
        run: clamscan::run,
    },
    Verb {
        name: "clickhouse",
        arguments: "",
        does: "delivery to the current engine, a Python package of 900 MB",
        run: clickhouse::run,
    },
    Verb {
        name: "kafka",
        arguments: "",
        does: "delivery to a broker built from its sources, some 15 CPU-minutes",
        run: kafka::run,
    },
    Verb { name: "help", arguments: "", does: "this list", run: help },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (word, rest) = match arguments.split_first() {
        Some((word, rest)) => (word.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let name = if matches!(word, "-h" | "--help") { "help" } else { word };
    let result = match VERBS.iter().find(|verb| verb.name == name) {
        Some(verb) if asks_for_help(rest) => verb.explain(),
        Some(verb) => (verb.run)(rest),
        None => Err(Failure::new(format!("no command `{word}`; `cargo xtask help` lists them"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_told() {
                println!("xtask: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Whether a command is not to be carried out, but explained.
fn asks_for_help(arguments: &[String]) -> bool {
    arguments.iter().any(|word| matches!(word.as_str(), "-h" | "--help"))
}

impl Verb {
    /// Tells how it is used.
    fn explain(&self) -> Result<(), Failure> {
        println!("cargo xtask {} {}\n\n{}", self.name, self.arguments, self.does);
        match self.name {
            "bench" => println!("\n{}", bench::more()?),
            "test" | "ci" => println!("\nSteps: {}", test::names().join(", ")),
            _ => {}
        }
        Ok(())
    }
}

fn help(_: &[String]) -> Result<(), Failure> {
    println!("cargo xtask COMMAND\n");
    for verb in VERBS {
        println!("  {:32} {}", format!("{} {}", verb.name, verb.arguments), verb.does);
    }
    println!("\nSteps of `test`: {}", test::names().join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_no_name_of_anything() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for line in ["--help", "-h", "av --help", "proxy --runs 1 -h"] {
            assert!(asks_for_help(&words(line)), "{line}");
        }
        assert!(!asks_for_help(&words("dlp help")));
    }

    #[test]
    fn the_files_of_benches_are_told() {
        let told = bench::more().unwrap();
        assert!(told.contains("\n  h1_exchange    ") && !told.contains("//!"), "{told}");
    }
}
