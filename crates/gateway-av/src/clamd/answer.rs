//! One line of the daemon as a value. What is not exactly one of the known forms is an error.

use super::{ClamdError, Reply, State};

/// The longest name of a signature.
const NAME_BYTES_MAX: usize = 256;

/// The number of the command, if the line has one, and the answer to what is asked in `state`.
pub(super) fn read(line: &[u8], state: State) -> Result<(Option<u32>, Reply), ClamdError> {
    let line = std::str::from_utf8(line).map_err(|_| ClamdError::Malformed)?;
    if line.chars().any(char::is_control) {
        return Err(ClamdError::Malformed);
    }
    let (number, text) = match line.split_once(": ") {
        Some((number, text)) if is_number(number) => {
            (Some(number.parse().map_err(|_| ClamdError::Malformed)?), text)
        }
        Some(_) | None => (None, line),
    };
    Ok((number, answer(text, state)?))
}

fn answer(text: &str, state: State) -> Result<Reply, ClamdError> {
    if text == "INSTREAM size limit exceeded. ERROR" {
        return Ok(Reply::TooLarge);
    }
    if let Some(why) = text.strip_suffix(" ERROR") {
        return Ok(Reply::Refused(why.to_owned()));
    }
    match state {
        State::Ping if text == "PONG" => Ok(Reply::Pong),
        State::Version if text.starts_with("ClamAV ") => Ok(Reply::Version(text.to_owned())),
        State::Sending | State::Sent => verdict(text),
        State::Ping | State::Version | State::Idle | State::Unusable => Err(ClamdError::Malformed),
    }
}

fn verdict(text: &str) -> Result<Reply, ClamdError> {
    let verdict = text.strip_prefix("stream: ").ok_or(ClamdError::Malformed)?;
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
