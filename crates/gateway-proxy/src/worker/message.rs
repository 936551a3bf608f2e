//! The fields that gateway and Worker exchange besides the message itself, and their one JSON
//! value.

use std::fmt::Write as _;
use std::net::IpAddr;

use gateway_h1h2::Fields;

use super::flow::FlowToken;
use crate::identity::{Device, User};

/// What the gateway tells a Worker about a request, and the Worker's flow on the way back: JSON,
/// `request.cf` to the Worker's host module.
pub(crate) const METADATA_FIELD: &str = "gw-cf";

/// What lets a Worker's process in on the egress.
pub(crate) const EGRESS_FIELD: &str = "gw-egress";

/// What the host module says about an answer that is not the Worker's own.
pub(crate) const OUTCOME_FIELD: &str = "gw-worker-outcome";

/// What the host module says about the body of an answer that it does not send, since the Worker
/// has left it as it came from the origin.
pub(crate) const BODY_FIELD: &str = "gw-worker-body";

/// Bytes of the metadata, at the most.
const METADATA_BYTES_MAX: usize = 16 << 10;
/// Bytes up to which groups, and posture checks, are told: the rest is for the context.
const CLIENT_BYTES_MAX: usize = 8 << 10;

/// Takes out the fields of this protocol: nobody outside may speak in its name.
pub(crate) fn strip_own_fields(fields: &mut Fields) {
    for name in [METADATA_FIELD, EGRESS_FIELD, OUTCOME_FIELD, BODY_FIELD] {
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
    /// What `identity()` gives.
    pub(crate) user: Option<&'a User>,
    /// What `devicePosture()` gives.
    pub(crate) device: Option<&'a Device>,
    /// Members of the context, in order; an empty text is left out.
    pub(crate) context: &'a [(&'static str, Member<'a>)],
}

/// One value of the context.
#[derive(Clone, Copy)]
pub(crate) enum Member<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    Number(u64),
    Address(Option<IpAddr>),
}

impl Metadata<'_> {
    /// As one line of ASCII. It says that the gateway joins a body that the Worker leaves as it was
    /// (see [`BODY_FIELD`]). Members of the context that would make it too long are left out;
    /// identity and posture say so of themselves (`"truncated":true`).
    pub(crate) fn to_json(&self) -> String {
        let mut json = Json(String::with_capacity(1024));
        json.raw("{\"v\":1,\"join\":true");
        json.name("flow");
        json.raw("\"");
        self.flow.write(&mut json.0);
        json.raw("\"");
        if let Some(device) = self.device {
            json.open("posture", '{');
            posture(&mut json, device);
            json.close('}');
        }
        if let Some(user) = self.user {
            json.open("identity", '{');
            identity(&mut json, user);
            json.close('}');
        }
        json.open("ctx", '{');
        for (name, member) in self.context {
            json.within(METADATA_BYTES_MAX, |json| match member {
                Member::Text(value) => json.text(name, value),
                Member::Bytes(value) => json.bytes(name, value),
                Member::Number(value) => json.number(name, *value),
                Member::Address(address) => json.address(name, *address),
            });
        }
        json.close('}');
        json.close('}');
        json.0
    }
}

/// The members of `identity()`.
fn identity(json: &mut Json, user: &User) {
    for (name, value) in [("id", &user.id), ("email", &user.email), ("name", &user.name)] {
        json.within(CLIENT_BYTES_MAX, |json| json.bytes(name, value));
    }
    json.open("groups", '[');
    let whole = user.groups.iter().all(|group| {
        json.within(CLIENT_BYTES_MAX, |json| {
            json.open("", '{');
            json.bytes("id", &group.id);
            json.bytes("name", &group.name);
            json.bytes("email", &group.email);
            json.close('}');
        })
    });
    json.close(']');
    if !whole {
        json.truth("truncated");
    }
}

/// The members of `devicePosture()`.
fn posture(json: &mut Json, device: &Device) {
    for (name, value) in [("id", &device.id), ("name", &device.name)] {
        json.within(CLIENT_BYTES_MAX / 2, |json| json.bytes(name, value));
    }
    json.open("checks", '{');
    let mut whole = true;
    for (name, checks) in [("passed", &device.passed), ("failed", &device.failed)] {
        json.open(name, '[');
        whole &= checks
            .iter()
            .all(|check| json.within(CLIENT_BYTES_MAX / 2, |json| json.bytes("", check)));
        json.close(']');
    }
    json.close('}');
    if !whole {
        json.truth("truncated");
    }
}

/// Whether a character that begins so does not stand for itself in [`Json::ascii`].
const fn is_escaped(byte: u8) -> bool {
    !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\')
}

/// The place of the first such character. Nearly every text has none, so blocks are looked at whole.
fn first_escaped(text: &[u8]) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<16>();
    let is_plain = |block: &&[u8; 16]| !block.iter().fold(false, |any, b| any | is_escaped(*b));
    let plain = blocks.iter().take_while(is_plain).count();
    let rest = text.get(16 * plain..).unwrap_or(rest);
    Some(16 * plain + rest.iter().position(|byte| is_escaped(*byte))?)
}

/// JSON as it grows; a member without a name is one of an array.
struct Json(String);

impl Json {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn name(&mut self, name: &str) {
        if !matches!(self.0.as_bytes().last(), Some(b'{' | b'[')) {
            self.0.push(',');
        }
        if !name.is_empty() {
            self.0.push('"');
            self.0.push_str(name);
            self.0.push_str("\":");
        }
    }

    fn open(&mut self, name: &str, bracket: char) {
        self.name(name);
        self.0.push(bracket);
    }

    fn close(&mut self, bracket: char) {
        self.0.push(bracket);
    }

    fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.raw(itoa::Buffer::new().format(value));
    }

    /// An address, if there is one.
    fn address(&mut self, name: &str, value: Option<IpAddr>) {
        let Some(value) = value else { return };
        self.name(name);
        self.raw("\"");
        match value {
            // Nearly all are such: the way through `Display` costs as much as the rest of a member.
            IpAddr::V4(v4) => {
                let [first, rest @ ..] = v4.octets();
                self.raw(itoa::Buffer::new().format(first));
                for octet in rest {
                    self.raw(".");
                    self.raw(itoa::Buffer::new().format(octet));
                }
            }
            IpAddr::V6(v6) => drop(write!(self.0, "{v6}")),
        }
        self.raw("\"");
    }

    fn truth(&mut self, name: &str) {
        self.name(name);
        self.raw("true");
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        match str::from_utf8(value) {
            Ok(value) => self.text(name, value),
            Err(_) => self.text(name, &String::from_utf8_lossy(value)),
        }
    }

    /// A text, unless it is empty.
    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.name(name);
            self.ascii(value);
        }
    }

    /// A string in ASCII (RFC 8259 §7), fit for a field value.
    fn ascii(&mut self, value: &str) {
        self.0.push('"');
        let mut rest = value;
        while let Some(at) = first_escaped(rest.as_bytes()) {
            let (plain, special) = rest.split_at(at);
            self.raw(plain);
            let mut chars = special.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => self.0.extend(['\\', c]),
                Some(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.raw(&format!("\\u{unit:04x}"));
                    }
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.raw(rest);
        self.0.push('"');
    }

    /// Takes back what `write` adds if that makes it longer than `bytes_max`; whether it stays.
    fn within(&mut self, bytes_max: usize, write: impl FnOnce(&mut Self)) -> bool {
        let before = self.0.len();
        write(self);
        let fits = self.0.len() <= bytes_max;
        if !fits {
            self.0.truncate(before);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Group;

    const FLOW: FlowToken = FlowToken::new([0xab; 16]);

    fn told(
        user: Option<&User>,
        device: Option<&Device>,
        context: &[(&'static str, Member<'_>)],
    ) -> String {
        let json = Metadata { flow: FLOW, user, device, context }.to_json();
        assert!(json.is_ascii() && json.len() <= METADATA_BYTES_MAX + 2, "{} bytes", json.len());
        let start = format!("{{\"v\":1,\"join\":true,\"flow\":\"{}\",", "ab".repeat(16));
        json.strip_prefix(&start).unwrap().to_owned()
    }

    #[test]
    fn metadata_is_ascii_and_bounded() {
        let long = "x".repeat(METADATA_BYTES_MAX);
        let context = [
            ("a", Member::Text("q\"\\\u{e9}\u{1f600}\n")),
            ("b", Member::Text("")),
            ("c", Member::Text(&long)),
            ("d", Member::Number(7)),
            ("e", Member::Bytes(b"\xff")),
        ];
        let json = told(None, None, &context);
        assert_eq!(json, r#""ctx":{"a":"q\"\\\u00e9\ud83d\ude00\u000a","d":7,"e":"\ufffd"}}"#);
    }

    #[test]
    fn what_is_escaped_is_found_wherever_it_stands() {
        for before in 0..40 {
            for after in [0, 1, 15, 16, 17] {
                let text = format!("{}\"{}", "x".repeat(before), "y".repeat(after));
                assert_eq!(first_escaped(text.as_bytes()), Some(before), "{text}");
                let json = told(None, None, &[("a", Member::Text(&text))]);
                assert_eq!(json, format!("\"ctx\":{{\"a\":\"{}\"}}}}", text.replace('"', "\\\"")));
            }
            assert_eq!(first_escaped("x".repeat(before).as_bytes()), None);
        }
    }

    #[test]
    fn a_client_is_told_as_far_as_it_is_known() {
        let group = |id: &'static str, name: &'static str| Group {
            id: id.into(),
            name: name.into(),
            ..Group::default()
        };
        let user = User {
            id: "u1".into(),
            email: "a@corp.test".into(),
            groups: vec![group("g1", "staff"), group("", "r\u{e9}d")],
            ..User::default()
        };
        let device = Device { passed: vec!["certificate".into()], ..Device::default() };
        assert_eq!(
            told(Some(&user), Some(&device), &[]),
            concat!(
                r#""posture":{"checks":{"passed":["certificate"],"failed":[]}},"#,
                r#""identity":{"id":"u1","email":"a@corp.test","#,
                r#""groups":[{"id":"g1","name":"staff"},{"name":"r\u00e9d"}]},"ctx":{}}"#
            )
        );
    }

    #[test]
    fn what_does_not_fit_of_a_client_is_said_to_be_missing() {
        let names = |count: usize| (0..count).map(|number| format!("group number {number}"));
        let groups = names(1_000).map(|name| Group { name: name.into(), ..Group::default() });
        let user = User { id: "u".into(), groups: groups.collect(), ..User::default() };
        let passed = names(1_000).map(Into::into).collect();
        let device = Device { id: "d".into(), passed, ..Device::default() };
        let json = told(Some(&user), Some(&device), &[("srcIp", Member::Text("10.0.0.1"))]);
        assert!(json.starts_with(r#""posture":{"id":"d","checks":{"passed":["group number 0","#));
        assert!(
            json.contains(r#""],"failed":[]},"truncated":true},"identity":{"id":"u","#),
            "{json}"
        );
        assert!(json.ends_with(r#"}],"truncated":true},"ctx":{"srcIp":"10.0.0.1"}}"#), "{json}");
        assert!(json.matches("group number").count() > 300);
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
        let own = ["gw-cf", "GW-Egress", "gw-worker-outcome", "gw-worker-body"];
        for name in own.into_iter().chain(["gw-other", "Accept"]) {
            fields.append(name, "x").unwrap();
        }
        strip_own_fields(&mut fields);
        let left: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
        assert_eq!(left, ["gw-other", "Accept"]);
    }
}
