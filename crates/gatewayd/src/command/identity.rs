//! `gateway-proxy identity`: makes what the file of users needs.

use std::error::Error;
use std::io::{self, Read, Write};

use super::Ended;
use crate::args::IdentityCommand;
use crate::identity;

/// Bytes of a password that are read.
const PASSWORD_BYTES_MAX: u64 = 1 << 10;

/// Carries out `command`.
pub(super) fn identity(
    command: &IdentityCommand,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    match command {
        IdentityCommand::Hash => hash(io::stdin().lock(), out),
    }
}

/// Hashes the password that stands in the first line of `from`.
fn hash(from: impl Read, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let mut read = Vec::new();
    from.take(PASSWORD_BYTES_MAX + 2).read_to_end(&mut read)?;
    let line = read.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let password = line.strip_suffix(b"\r").unwrap_or(line);
    if password.is_empty() {
        return Err("expected a password on standard input".into());
    }
    if password.len() as u64 > PASSWORD_BYTES_MAX {
        return Err("expected a password of at most 1024 bytes".into());
    }
    writeln!(out, "password = \"{}\"", identity::hash(password)?)?;
    out.flush()?;
    Ok(Ended::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &str) -> Result<String, String> {
        let mut out = Vec::new();
        hash(input.as_bytes(), &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_first_line_is_the_password() {
        for input in ["geheim", "geheim\n", "geheim\r\nx"] {
            let line = run(input).unwrap();
            assert!(line.starts_with("password = \"$argon2id$v=19$"), "{line}");
        }
        assert!(run("\nx").unwrap_err().contains("expected a password"));
        assert!(run(&"x".repeat(1025)).unwrap_err().contains("at most 1024"));
    }
}
