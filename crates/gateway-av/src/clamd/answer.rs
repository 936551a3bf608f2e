//! One line of the daemon as a value. What is not exactly one of the known forms is an error.

use super::{Asked, ClamdError, Reply};

/// The longest name of a signature.
const NAME_BYTES_MAX: usize = 256;

/// The number of the command, if the line has one, and the answer behind it.
pub(super) fn numbered(line: &[u8]) -> Result<(Option<u32>, &str), ClamdError> {
    let line = std::str::from_utf8(line).map_err(|_| ClamdError::Malformed)?;
    if line.chars().any(char::is_control) {
        return Err(ClamdError::Malformed);
    }
    match line.split_once(": ") {
        Some((number, text)) if is_number(number) => {
            Ok((Some(number.parse().map_err(|_| ClamdError::Malformed)?), text))
        }
        Some(_) | None => Ok((None, line)),
    }
}

/// The answer to what was asked.
pub(super) fn read(text: &str, asked: Asked) -> Result<Reply, ClamdError> {
    if text == "INSTREAM size limit exceeded. ERROR" {
        return Ok(Reply::TooLarge);
    }
    if let Some(why) = text.strip_suffix(" ERROR") {
        return Ok(Reply::Refused(why.to_owned()));
    }
    match asked {
        Asked::Ping if text == "PONG" => Ok(Reply::Pong),
        Asked::Version if text.starts_with("ClamAV ") => Ok(Reply::Version(text.to_owned())),
        Asked::Stream => verdict(text.strip_prefix("stream: ")),
        Asked::File => verdict(of_file(text)),
        Asked::Ping | Asked::Version => Err(ClamdError::Malformed),
    }
}

/// What is said of a file: the number of the daemon's descriptor stands before it.
fn of_file(text: &str) -> Option<&str> {
    let (number, said) = text.strip_prefix("fd[")?.split_once("]: ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(said)
}

fn verdict(said: Option<&str>) -> Result<Reply, ClamdError> {
    let verdict = said.ok_or(ClamdError::Malformed)?;
    if verdict == "OK" {
        return Ok(Reply::Clean);
    }
    let name = verdict.strip_suffix(" FOUND").ok_or(ClamdError::Malformed)?;
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(' ') {
        return Err(ClamdError::Malformed);
    }
    let unscanned = ["Heuristics.Limits.Exceeded", "Heuristics.Encrypted."];
    if unscanned.iter().any(|of| name.starts_with(of)) {
        return Ok(Reply::Unscanned(name.to_owned()));
    }
    Ok(Reply::Found(name.to_owned()))
}

fn is_number(text: &str) -> bool {
    // As the daemon writes it: another spelling is no answer of its.
    text.starts_with(|c: char| c != '0') && text.bytes().all(|byte| byte.is_ascii_digit())
}
