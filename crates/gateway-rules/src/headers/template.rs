//! Values of header fields with variables: `@{identity.email}` stands for what is known of a field.

use std::net::IpAddr;

use super::{HeaderChanges, HeaderFault};
use crate::facts::{Fact, Facts};
use crate::phase::Gate;
use crate::scheme::{FieldId, Scheme};
use crate::suggest;
use crate::value::{Type, Value};

/// Other names of fields: those that Cloudflare's variables have.
const ALIASES: [(&str, &str); 6] = [
    ("destination.ip", "net.dst.ip"),
    ("device.posture", "device_posture.checks.passed"),
    ("identity.OIDC", "identity.oidc_claims"),
    ("identity.groups", "identity.groups.name"),
    ("source.ip", "net.src.ip"),
    ("source.port", "net.src.port"),
];

#[derive(Clone, Debug)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Field(FieldId),
}

/// A value with its variables filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderValue {
    /// The value: no control character, at most [`HeaderChanges::VALUE_BYTES_MAX`] bytes.
    pub bytes: Vec<u8>,
    /// Whether a variable has no value, so that nothing stands in its place, or too long a one, so
    /// that it is cut.
    pub incomplete: bool,
}

impl Template {
    pub(super) fn parse(
        name: &str,
        text: &str,
        scheme: &Scheme,
        gate: Gate,
    ) -> Result<Self, HeaderFault> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("@{") {
            let Some((variable, behind)) = behind.split_once('}') else {
                return Err(HeaderFault::Unclosed { name: name.to_owned() });
            };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Field(field_of(name, variable, scheme, gate)?));
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(*field),
            Piece::Text(_) => None,
        })
    }

    pub(super) fn render(&self, facts: &Facts) -> HeaderValue {
        let mut rendered = HeaderValue::default();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => rendered.push(text.as_bytes()),
                Piece::Field(field) => match facts.state(*field) {
                    Fact::Known(value) | Fact::Partial(value) => rendered.push_value(value),
                    Fact::NotYet | Fact::Missing => rendered.incomplete = true,
                },
            }
        }
        rendered
    }
}

impl HeaderValue {
    fn push_value(&mut self, value: &Value) {
        match value {
            Value::Bytes(bytes) => self.push(bytes),
            Value::Bool(value) => self.push(if *value { b"true" } else { b"false" }),
            Value::Int(value) => self.push(value.to_string().as_bytes()),
            Value::Ip(value) => self.push(IpAddr::to_string(value).as_bytes()),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.push(b",");
                    }
                    self.push_value(item);
                }
            }
            Value::Map(_) => self.incomplete = true,
        }
    }

    /// Adds what a value of HTTP can hold (RFC 9110 §5.5): what somebody else has named must not end
    /// the line.
    fn push(&mut self, bytes: &[u8]) {
        let sound = bytes.iter().copied().filter(|b| (*b >= 0x20 && *b != 0x7f) || *b == b'\t');
        for byte in sound {
            if self.bytes.len() >= HeaderChanges::VALUE_BYTES_MAX {
                self.incomplete = true;
                return;
            }
            self.bytes.push(byte);
        }
    }
}

fn field_of(
    name: &str,
    variable: &str,
    scheme: &Scheme,
    gate: Gate,
) -> Result<FieldId, HeaderFault> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == variable).map(|(_, field)| *field);
    let known = scheme.id(alias.unwrap_or(variable));
    let found = known.and_then(|id| Some((id, scheme.field(id)?)));
    let shown = |ty: &Type| ty.is_scalar() || matches!(ty, Type::Array(of) if of.is_scalar());
    match found.filter(|(_, field)| shown(field.ty())) {
        Some((id, field)) if field.phases().is_subset(gate.before()) => Ok(id),
        Some(_) => Err(HeaderFault::Late { name: name.to_owned(), variable: variable.to_owned() }),
        None => {
            let names = scheme.fields().filter(|(_, field)| shown(field.ty()));
            let names = names.map(|(_, field)| field.name()).chain(ALIASES.iter().map(|(a, _)| *a));
            let suggestion = suggest::closest(variable, names).map(str::to_owned);
            Err(HeaderFault::UnknownVariable {
                name: name.to_owned(),
                variable: variable.to_owned(),
                suggestion,
            })
        }
    }
}
