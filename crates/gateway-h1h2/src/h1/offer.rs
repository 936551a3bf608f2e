//! What a request offers to change to, and whether a 101 changes to that (RFC 9110 §7.8). Not what
//! is spoken after it.

use crate::Fields;
use crate::fields::members;

/// The protocols that a request offers, in its own words; none if it asks for no change.
#[derive(Debug, Default)]
pub(super) struct Offer(Vec<Box<[u8]>>);

impl Offer {
    /// The offer of a request with these fields.
    pub(super) fn of(fields: &Fields) -> Self {
        Self(fields.all("upgrade").flat_map(members).map(Box::from).collect())
    }

    /// Whether a 101 with these fields is an answer to it: it says what it changes to, and all of
    /// that was offered. Names are compared without regard to case, as recipients should.
    pub(super) fn takes(&self, fields: &Fields) -> bool {
        let offered = |protocol: &[u8]| self.0.iter().any(|one| one.eq_ignore_ascii_case(protocol));
        let mut protocols = fields.all("upgrade").flat_map(members).peekable();
        protocols.peek().is_some() && protocols.all(offered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(lines: &[&str]) -> Fields {
        let mut fields = Fields::new();
        for line in lines {
            fields.append("Upgrade", line).expect("a field");
        }
        fields
    }

    #[test]
    fn an_answer_names_what_was_offered_and_nothing_else() {
        for (offer, answer, takes) in [
            (&["websocket"][..], &["WebSocket"][..], true),
            (&["h2c, websocket"], &["websocket"], true),
            (&["TLS/1.0", "b/2"], &["tls/1.0, B/2"], true),
            (&["websocket"], &[], false),
            (&["websocket"], &[" , "], false),
            (&["websocket"], &["websockets"], false),
            (&["b/2"], &["b"], false),
            (&["websocket"], &["websocket", "h2c"], false),
            (&[], &["websocket"], false),
            (&[""], &[""], false),
        ] {
            let offered = Offer::of(&fields(offer));
            assert_eq!(offered.takes(&fields(answer)), takes, "{offer:?} {answer:?}");
        }
    }
}
