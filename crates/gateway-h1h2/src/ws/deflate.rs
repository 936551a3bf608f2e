//! What is offered and agreed of permessage-deflate (RFC 7692 §7.1).

use std::fmt;

use super::Sender;
use super::extension::Extension;

/// The name of the extension.
pub(super) const NAME: &str = "permessage-deflate";

/// One offer of permessage-deflate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeflateOffer {
    /// The server is asked to forget its window between messages.
    pub server_no_context_takeover: bool,
    /// The client says that it may forget its window between messages.
    pub client_no_context_takeover: bool,
    /// The server is asked for a window of at most two to the power of this.
    pub server_max_window_bits: Option<u8>,
    /// The client can keep to a window that the server asks for, and to this one in any case.
    pub client_max_window_bits: Option<Option<u8>>,
}

/// What was agreed of permessage-deflate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreement {
    /// The server forgets its window between messages.
    pub server_no_context_takeover: bool,
    /// The client forgets its window between messages.
    pub client_no_context_takeover: bool,
    /// The server's window is at most two to the power of this; 15 where nothing was said.
    pub server_max_window_bits: Option<u8>,
    /// The same of the client.
    pub client_max_window_bits: Option<u8>,
}

impl Agreement {
    /// Whether `sender` forgets its window between messages.
    #[must_use]
    pub const fn forgets(&self, sender: Sender) -> bool {
        match sender {
            Sender::Client => self.client_no_context_takeover,
            Sender::Server => self.server_no_context_takeover,
        }
    }

    /// The most that the window of `sender` may have, as a power of two, if that was agreed on.
    #[must_use]
    pub const fn window_bits(&self, sender: Sender) -> Option<u8> {
        match sender {
            Sender::Client => self.client_max_window_bits,
            Sender::Server => self.server_max_window_bits,
        }
    }
}

/// A parameter of the extension, with its value.
enum Parameter {
    ServerNoContextTakeover,
    ClientNoContextTakeover,
    ServerMaxWindowBits(u8),
    ClientMaxWindowBits(Option<u8>),
}

fn parameter((name, value): &(String, Option<String>)) -> Option<Parameter> {
    let bits = |value: &String| match value.as_bytes() {
        [digit @ b'8'..=b'9'] => Some(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => Some(10 + digit - b'0'),
        _ => None,
    };
    match (name.as_str(), value) {
        ("server_no_context_takeover", None) => Some(Parameter::ServerNoContextTakeover),
        ("client_no_context_takeover", None) => Some(Parameter::ClientNoContextTakeover),
        ("server_max_window_bits", Some(value)) => bits(value).map(Parameter::ServerMaxWindowBits),
        ("client_max_window_bits", None) => Some(Parameter::ClientMaxWindowBits(None)),
        ("client_max_window_bits", Some(value)) => {
            bits(value).map(|bits| Parameter::ClientMaxWindowBits(Some(bits)))
        }
        _ => None,
    }
}

/// The parameters, none of them twice; `None` for one that RFC 7692 §7.1 does not know.
fn parameters(extension: &Extension) -> Option<Vec<Parameter>> {
    let mut names: Vec<&str> = extension.parameters.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| pair.first() == pair.last());
    if twice || extension.name != NAME {
        return None;
    }
    extension.parameters.iter().map(parameter).collect()
}

impl DeflateOffer {
    /// Reads an offer; `None` for another extension, or one that must be declined.
    pub(super) fn parse(extension: &Extension) -> Option<Self> {
        let mut offer = Self::default();
        for parameter in parameters(extension)? {
            match parameter {
                Parameter::ServerNoContextTakeover => offer.server_no_context_takeover = true,
                Parameter::ClientNoContextTakeover => offer.client_no_context_takeover = true,
                Parameter::ServerMaxWindowBits(bits) => offer.server_max_window_bits = Some(bits),
                Parameter::ClientMaxWindowBits(bits) => offer.client_max_window_bits = Some(bits),
            }
        }
        Some(offer)
    }
}

/// As it stands in `Sec-WebSocket-Extensions`.
impl fmt::Display for DeflateOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={bits}")?;
        }
        match self.client_max_window_bits {
            None => Ok(()),
            Some(None) => f.write_str("; client_max_window_bits"),
            Some(Some(bits)) => write!(f, "; client_max_window_bits={bits}"),
        }
    }
}

impl Agreement {
    /// Reads what a server has agreed to; `None` if it is no answer to permessage-deflate.
    pub(super) fn parse(extension: &Extension) -> Option<Self> {
        let mut agreed = Self::default();
        for parameter in parameters(extension)? {
            match parameter {
                Parameter::ServerNoContextTakeover => agreed.server_no_context_takeover = true,
                Parameter::ClientNoContextTakeover => agreed.client_no_context_takeover = true,
                Parameter::ServerMaxWindowBits(bits) => agreed.server_max_window_bits = Some(bits),
                Parameter::ClientMaxWindowBits(Some(bits)) => {
                    agreed.client_max_window_bits = Some(bits);
                }
                // In an answer it has a value (RFC 7692 §7.1.2.2).
                Parameter::ClientMaxWindowBits(None) => return None,
            }
        }
        Some(agreed)
    }

    /// Whether it answers `offer`: no more is asked of the client than it can do, no less is
    /// given than it asked for (RFC 7692 §7.1).
    pub(super) fn answers(&self, offer: &DeflateOffer) -> bool {
        let window = match offer.server_max_window_bits {
            Some(most) => self.server_max_window_bits.is_some_and(|bits| bits <= most),
            None => true,
        };
        let takeover = self.server_no_context_takeover || !offer.server_no_context_takeover;
        let able = self.client_max_window_bits.is_none() || offer.client_max_window_bits.is_some();
        window && takeover && able
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::extension::parse_extensions;

    fn extension(text: &str) -> Extension {
        parse_extensions([text.as_bytes()]).unwrap().remove(0)
    }

    #[test]
    fn offers_that_are_read_are_written() {
        for text in [
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=15",
        ] {
            assert_eq!(DeflateOffer::parse(&extension(text)).unwrap().to_string(), text);
        }
        for wrong in [
            "x-webkit-deflate-frame",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; client_no_context_takeover=1",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            "permessage-deflate; other",
        ] {
            assert_eq!(DeflateOffer::parse(&extension(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_keeps_to_the_offer() {
        let plain = "permessage-deflate";
        for (offer, answer, fits) in [
            (plain, plain, true),
            (plain, "permessage-deflate; server_max_window_bits=9", true),
            (plain, "permessage-deflate; client_max_window_bits=9", false),
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=9",
                true,
            ),
            ("permessage-deflate; server_max_window_bits=9", plain, false),
            (
                "permessage-deflate; server_max_window_bits=9",
                "permessage-deflate; server_max_window_bits=8",
                true,
            ),
            ("permessage-deflate; server_no_context_takeover", plain, false),
        ] {
            let offer = DeflateOffer::parse(&extension(offer)).unwrap();
            let answer = Agreement::parse(&extension(answer)).unwrap();
            assert_eq!(answer.answers(&offer), fits, "{offer} {answer:?}");
        }
        assert_eq!(
            Agreement::parse(&extension("permessage-deflate; client_max_window_bits")),
            None
        );
    }
}
