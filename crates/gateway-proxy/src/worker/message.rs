//! The fields that gateway and Worker exchange besides the message itself, and their one JSON
//! value.

use std::fmt::{self, Write};

use gateway_h1h2::Fields;

use super::flow::FlowToken;

/// What the gateway tells a Worker about a request, and the Worker's flow on the way back: JSON,
/// `request.cf` to the Worker's host module.
pub(crate) const METADATA_FIELD: &str = "gw-cf";

/// What lets a Worker's process in on the egress.
pub(crate) const EGRESS_FIELD: &str = "gw-egress";

/// What the host module says about an answer that is not the Worker's own.
pub(crate) const OUTCOME_FIELD: &str = "gw-worker-outcome";

/// Bytes of the metadata, at the most.
const METADATA_BYTES_MAX: usize = 16 << 10;

/// Takes out the fields of this protocol: nobody outside may speak in its name.
pub(crate) fn strip_own_fields(fields: &mut Fields) {
    for name in [METADATA_FIELD, EGRESS_FIELD, OUTCOME_FIELD] {
        fields.remove(name);
    }
}

/// The flow that a request on the egress names: `{"flow":"…"}` and nothing else.
pub(crate) fn token_of(fields: &Fields) -> Option<FlowToken> {
    let value = fields.get(METADATA_FIELD)?;
    FlowToken::parse(value.strip_prefix(b"{\"flow\":\"")?.strip_suffix(b"\"}")?)
}

/// What a Worker is told about a request.
pub(crate) struct Metadata<'a> {
    pub(crate) flow: FlowToken,
    /// Members of the context, in order; an empty text is left out.
    pub(crate) context: &'a [(&'static str, Member<'a>)],
}

/// One value of the context.
#[derive(Clone, Copy)]
pub(crate) enum Member<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    Number(u64),
}

impl Metadata<'_> {
    /// As one line of ASCII. Members that would make it too long are left out.
    pub(crate) fn to_json(&self) -> String {
        let mut json = format!("{{\"v\":1,\"flow\":\"{}\",\"ctx\":{{", self.flow);
        let mut first = true;
        for (name, member) in self.context {
            let mut text = String::new();
            let written = match member {
                Member::Text("") | Member::Bytes(b"") => continue,
                Member::Text(value) => write!(text, "{}", Ascii(value)),
                Member::Bytes(value) => write!(text, "{}", Ascii(&String::from_utf8_lossy(value))),
                Member::Number(value) => write!(text, "{value}"),
            };
            if written.is_err() || json.len() + text.len() > METADATA_BYTES_MAX {
                continue;
            }
            let comma = if first { "" } else { "," };
            first = false;
            json.push_str(&format!("{comma}\"{name}\":{text}"));
        }
        json.push_str("}}");
        json
    }
}

/// A JSON string in ASCII (RFC 8259 §7), fit for a field value.
struct Ascii<'a>(&'a str);

impl fmt::Display for Ascii<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                ' '..='~' => f.write_char(c)?,
                c => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(f, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_ascii_and_bounded() {
        let flow = FlowToken::new([0xab; 16]);
        let long = "x".repeat(METADATA_BYTES_MAX);
        let context = [
            ("a", Member::Text("q\"\\\u{e9}\u{1f600}\n")),
            ("b", Member::Text("")),
            ("c", Member::Text(&long)),
            ("d", Member::Number(7)),
            ("e", Member::Bytes(b"\xff")),
        ];
        let json = Metadata { flow, context: &context }.to_json();
        let token = "ab".repeat(16);
        let context = r#""a":"q\"\\\u00e9\ud83d\ude00\u000a","d":7,"e":"\ufffd""#;
        assert_eq!(json, format!("{{\"v\":1,\"flow\":\"{token}\",\"ctx\":{{{context}}}}}"));
    }

    #[test]
    fn a_flow_is_named_in_one_way_only() {
        let token = "0123456789abcdef".repeat(2);
        let named = |value: &str| {
            let mut fields = Fields::new();
            fields.append("GW-CF", value).unwrap();
            token_of(&fields).map(|token| token.to_string())
        };
        assert_eq!(named(&format!("{{\"flow\":\"{token}\"}}")), Some(token.clone()));
        for value in [
            token.clone(),
            format!("{{\"flow\":\"{token}\",\"x\":1}}"),
            format!("{{\"flow\": \"{token}\"}}"),
            "{\"flow\":\"\"}".to_owned(),
            String::new(),
        ] {
            assert_eq!(named(&value), None, "{value}");
        }
        assert_eq!(token_of(&Fields::new()), None);
    }

    #[test]
    fn nobody_speaks_in_the_name_of_the_protocol() {
        let mut fields = Fields::new();
        for name in ["gw-cf", "GW-Egress", "gw-worker-outcome", "gw-other", "Accept"] {
            fields.append(name, "x").unwrap();
        }
        strip_own_fields(&mut fields);
        let left: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
        assert_eq!(left, ["gw-other", "Accept"]);
    }
}
