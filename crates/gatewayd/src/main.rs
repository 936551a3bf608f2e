//! The binary `gateway-proxy`: it composes the libraries and moves bytes.

mod command {
    pub(super) mod rules_eval;
}

use std::io;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["rules", "eval"] {
        return command::rules_eval::run(
            io::stdin().lock(),
            io::BufWriter::new(io::stdout().lock()),
        );
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: gateway-proxy rules eval"))
}
