//! The catalog of fields: one table that names, explains and reads every column of a record.
//! Encoders walk it, documents are generated from it; how values look is the encoders' matter.

mod members;
mod row;
mod rows;
mod table;
mod value;

pub(crate) use table::{RECORD, visit_present};
pub(crate) use value::{List, Object, Value};

/// What a field counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Not a quantity.
    None,
    /// Bytes.
    Bytes,
    /// A number of things.
    Count,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
}

/// The shape of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// True or false.
    Bool,
    /// A whole number from 0 to 2^64 − 1.
    Integer,
    /// An IPv4 or IPv6 address as text.
    Ip,
    /// A list of objects; [`Spec::members`] lists what each holds.
    Objects,
    /// Text.
    Text,
    /// A list of texts.
    Texts,
    /// A timestamp, RFC 3339 in UTC with nanoseconds.
    Timestamp,
}

/// Where a field's name and meaning come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataSet {
    /// This gateway's own.
    Gateway,
    /// Cloudflare's `gateway_http`.
    GatewayHttp,
    /// Cloudflare's `gateway_http` and `gateway_network` alike.
    GatewayHttpAndNetwork,
    /// Cloudflare's `gateway_network`.
    GatewayNetwork,
    /// Cloudflare's `zero_trust_network_sessions`.
    ZeroTrustNetworkSessions,
}

/// What is to know about one field.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Spec {
    /// The name, as it stands in every encoding.
    pub name: &'static str,
    /// The shape of the value.
    pub kind: FieldType,
    /// What the value counts in.
    pub unit: Unit,
    /// Where name and meaning come from.
    pub data_set: DataSet,
    /// What the value means.
    pub doc: &'static str,
    members: fn() -> Vec<&'static Self>,
}

impl Spec {
    /// The fields of each object in an [`FieldType::Objects`] list; otherwise none.
    #[must_use]
    pub fn members(&self) -> Vec<&'static Self> {
        (self.members)()
    }
}

/// Every field that a record can have, in the order of the encodings.
///
/// ```
/// let fields = gateway_log::catalog();
/// assert!(fields.iter().any(|field| field.name == "HTTPStatusCode"));
/// ```
#[must_use]
pub fn catalog() -> Vec<&'static Spec> {
    specs(RECORD)
}

/// A row of a table: a field of `R` and how to read it.
pub(crate) struct Field<R> {
    pub(crate) spec: Spec,
    pub(crate) value: for<'a> fn(&'a R) -> Value<'a>,
}

impl<R> Field<R> {
    const fn new(
        data_set: DataSet,
        name: &'static str,
        kind: FieldType,
        doc: &'static str,
        value: for<'a> fn(&'a R) -> Value<'a>,
    ) -> Self {
        let spec = Spec { name, kind, unit: Unit::None, data_set, doc, members: Vec::new };
        Self { spec, value }
    }

    const fn in_unit(mut self, unit: Unit) -> Self {
        self.spec.unit = unit;
        self
    }

    const fn of(mut self, members: fn() -> Vec<&'static Spec>) -> Self {
        self.spec.members = members;
        self
    }
}

fn specs<R>(table: &'static [Field<R>]) -> Vec<&'static Spec> {
    table.iter().map(|field| &field.spec).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_speak_one_style() {
        let mut seen = BTreeSet::new();
        for spec in catalog() {
            assert!(seen.insert(spec.name), "{} stands twice", spec.name);
            let members = spec.members();
            assert_eq!(spec.kind == FieldType::Objects, !members.is_empty(), "{}", spec.name);
            let member_names: BTreeSet<_> = members.iter().map(|member| member.name).collect();
            assert_eq!(member_names.len(), members.len(), "a member of {} twice", spec.name);
            for spec in members.into_iter().chain([spec]) {
                assert!(spec.name.starts_with(|first: char| first.is_ascii_uppercase()));
                assert!(spec.name.chars().all(|c| c.is_ascii_alphanumeric()), "{}", spec.name);
                assert!(spec.doc.ends_with('.'), "{}: {}", spec.name, spec.doc);
                let counted = spec.kind == FieldType::Integer && spec.unit != Unit::None;
                assert!(counted || spec.unit == Unit::None, "{} has a unit", spec.name);
                let suffix = match spec.unit {
                    Unit::Microseconds => "Us",
                    Unit::Milliseconds => "Ms",
                    Unit::None | Unit::Bytes | Unit::Count => "",
                };
                assert!(spec.name.ends_with(suffix), "{} hides its unit", spec.name);
            }
        }
    }
}
