//! The archive in SQLite as the admin API asks it.

use std::path::Path;

use gateway_admin::{Dimension, Found, Point, Question, RecordError, RecordStore, Span, Sum};
use gateway_sinks::{Archive, Filter, Minutes, QueryError};

/// The records in a folder, or none.
pub(super) struct Records(Option<Archive>);

impl Records {
    /// The records that are kept in `folder`; an empty path stands for none.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self((!folder.as_os_str().is_empty()).then(|| Archive::new(folder)))
    }

    fn archive(&self) -> Result<&Archive, RecordError> {
        self.0.as_ref().ok_or(RecordError::NotKept)
    }
}

impl RecordStore for Records {
    fn last(&self, question: &Question, records_max: usize) -> Result<Vec<Found>, RecordError> {
        let mut filter = Filter::default();
        let asked = question.clone();
        filter.from_ns = asked.from_ns;
        filter.until_ns = asked.until_ns;
        filter.kind = asked.kind;
        filter.action = asked.action;
        filter.policy_id = asked.policy_id;
        filter.host = asked.host;
        filter.source_ip = asked.source_ip;
        filter.protocol = asked.protocol;
        filter.session_id = asked.session_id;
        filter.status = asked.status;
        filter.text = asked.text;
        found(self.archive()?.last(&filter, records_max))
    }

    fn by_id(&self, id: &str) -> Result<Vec<Found>, RecordError> {
        found(self.archive()?.by_id(id))
    }

    fn series(&self, by: Dimension, span: &Span) -> Result<Vec<Point>, RecordError> {
        let (minutes, filter) = of_span(span);
        points(self.archive()?.series(dimension(by), &minutes, &filter))
    }

    fn top(
        &self,
        by: Dimension,
        span: &Span,
        values_max: usize,
    ) -> Result<Vec<Point>, RecordError> {
        let (minutes, filter) = of_span(span);
        points(self.archive()?.top(dimension(by), &minutes, &filter, values_max))
    }
}

const fn dimension(by: Dimension) -> gateway_sinks::Dimension {
    match by {
        Dimension::Action => gateway_sinks::Dimension::Action,
        Dimension::Host => gateway_sinks::Dimension::Host,
        Dimension::Policy => gateway_sinks::Dimension::Policy,
        Dimension::Protocol => gateway_sinks::Dimension::Protocol,
    }
}

fn of_span(span: &Span) -> (Minutes, Filter) {
    let mut filter = Filter::default();
    filter.kind = span.kind;
    (Minutes(span.minutes.clone()), filter)
}

fn found(result: Result<Vec<gateway_sinks::Found>, QueryError>) -> Result<Vec<Found>, RecordError> {
    let of = |found: gateway_sinks::Found| Found { time_ns: found.time_ns, json: found.json };
    result.map(|all| all.into_iter().map(of).collect()).map_err(error)
}

fn points(
    result: Result<Vec<gateway_sinks::Point>, QueryError>,
) -> Result<Vec<Point>, RecordError> {
    let of = |point: gateway_sinks::Point| {
        let sum = Sum {
            records: point.sum.records,
            blocked: point.sum.blocked,
            bytes_up: point.sum.bytes_up,
            bytes_down: point.sum.bytes_down,
            total_ms: point.sum.total_ms,
        };
        Point { minute: point.minute, value: point.value, sum }
    };
    result.map(|all| all.into_iter().map(of).collect()).map_err(error)
}

fn error(error: QueryError) -> RecordError {
    match error {
        QueryError::TooLong { .. } => RecordError::TooLong,
        other => RecordError::Failed { source: Box::new(other) },
    }
}
