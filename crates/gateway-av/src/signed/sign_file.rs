//! Files of signatures that stand beside what they sign: `.sign`, a line for each signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::content::Content;
use super::pkcs7::verify_signed;
use super::{SignatureError, Trust, Vouched};
use crate::line::FUNCTIONALITY_LEVEL;

/// What the first line must be.
const FIRST_LINE: &str = "#clamsign-1.0";

/// Verifies `file`, the text of a `.sign` file, over `content`: who has signed it.
///
/// Lines are `min:[max]:pkcs7-pem:base64`, the levels those of ClamAV. The first one that is meant for
/// this loader decides, unless its signer is not trusted: then the next one is looked at.
pub(crate) fn verify_detached(
    file: &[u8],
    content: &Content<'_>,
    trust: &Trust,
) -> Result<Vouched, SignatureError> {
    let text = std::str::from_utf8(file).map_err(|_| SignatureError::Malformed)?;
    let mut lines = text.lines().map(str::trim);
    if lines.next() != Some(FIRST_LINE) {
        return Err(SignatureError::Malformed);
    }
    let mut refused = SignatureError::Missing;
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(der) = signature(line)? else { continue };
        match verify_signed(&der, content, trust) {
            Ok(name) => return Ok(Vouched::Certificate(name)),
            Err(SignatureError::Untrusted) => refused = SignatureError::Untrusted,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

/// The signature of a line; `None` if it is meant for others.
fn signature(line: &str) -> Result<Option<Vec<u8>>, SignatureError> {
    let malformed = SignatureError::Malformed;
    let mut fields = line.splitn(4, ':');
    let mut next = || fields.next().ok_or(malformed);
    let (min, max, kind, body) = (next()?, next()?, next()?, next()?);
    let level = |text: &str, none: u64| {
        if text.is_empty() { Ok(none) } else { text.parse().map_err(|_| malformed) }
    };
    if !(level(min, 0)?..=level(max, u64::MAX)?).contains(&FUNCTIONALITY_LEVEL) {
        return Ok(None);
    }
    if kind != "pkcs7-pem" {
        return Err(SignatureError::Unsupported);
    }
    STANDARD.decode(body).map(Some).map_err(|_| malformed)
}
