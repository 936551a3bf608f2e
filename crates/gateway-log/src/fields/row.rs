//! Rows of the table of a record's fields: one maker for each data set that names come from.

use super::value::{Value, timestamp};
use super::{DataSet, Field, FieldType};
use crate::record::{Record, RecordKind, WorkerFacts};

pub(super) type Read = for<'a> fn(&'a Record) -> Value<'a>;
pub(super) type Row = Field<Record>;

/// A field of this gateway's own.
pub(super) const fn own(
    name: &'static str,
    kind: FieldType,
    doc: &'static str,
    value: Read,
) -> Row {
    Field::new(DataSet::Gateway, name, kind, doc, value)
}

/// A field of `gateway_http`.
pub(super) const fn http(
    name: &'static str,
    kind: FieldType,
    doc: &'static str,
    value: Read,
) -> Row {
    Field::new(DataSet::GatewayHttp, name, kind, doc, value)
}

/// A field of `gateway_http` and `gateway_network`.
pub(super) const fn shared(
    name: &'static str,
    kind: FieldType,
    doc: &'static str,
    value: Read,
) -> Row {
    Field::new(DataSet::GatewayHttpAndNetwork, name, kind, doc, value)
}

/// A field of `gateway_network`.
pub(super) const fn network(
    name: &'static str,
    kind: FieldType,
    doc: &'static str,
    value: Read,
) -> Row {
    Field::new(DataSet::GatewayNetwork, name, kind, doc, value)
}

/// A field of `zero_trust_network_sessions`.
pub(super) const fn sessions(
    name: &'static str,
    kind: FieldType,
    doc: &'static str,
    value: Read,
) -> Row {
    Field::new(DataSet::ZeroTrustNetworkSessions, name, kind, doc, value)
}

/// The times of a session stand in session records only.
pub(super) fn session_time(record: &Record, unix_ns: u64) -> Value<'static> {
    match record.kind {
        RecordKind::Http | RecordKind::Loss => Value::Absent,
        RecordKind::Session => timestamp(unix_ns),
    }
}

/// A fact about the Worker, where there was one.
pub(super) fn of_worker<'a>(
    record: &'a Record,
    fact: fn(&'a WorkerFacts) -> Value<'a>,
) -> Value<'a> {
    record.worker.as_deref().map_or(Value::Absent, fact)
}
