//! Sums by minute, in the form that charts want.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::{Deserialize, Serialize};

use super::State;
use super::records::kind;
use crate::problem::Problem;
use crate::{Dimension, Point, Span, Sum};

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    by: Option<String>,
    minutes: Option<u64>,
    kind: Option<String>,
    limit: Option<usize>,
}

/// Minutes that can be asked for: 14 days.
const MINUTES_MAX: u64 = 14 * 24 * 60;
/// Points of one line, at most.
const POINTS_MAX: u64 = 240;
/// Lines of one chart; the rest is one more.
const LINES_MAX: usize = 12;

impl Asked {
    fn dimension(&self) -> Result<Dimension, Problem> {
        match self.by.as_deref() {
            None | Some("action") => Ok(Dimension::Action),
            Some("host") => Ok(Dimension::Host),
            Some("policy") => Ok(Dimension::Policy),
            Some("protocol") => Ok(Dimension::Protocol),
            Some(_) => Err(Problem::request("`by`: expected action, host, policy or protocol")),
        }
    }

    fn span(&self) -> Result<Span, Problem> {
        let minutes = self.minutes.unwrap_or(60);
        if !(1..=MINUTES_MAX).contains(&minutes) {
            let detail = format!("`minutes`: found {minutes}, expected 1 to {MINUTES_MAX}");
            return Err(Problem::request(detail));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let end = now / 60 + 1;
        Ok(Span { minutes: end.saturating_sub(minutes)..end, kind: kind(self.kind.as_deref())? })
    }
}

/// Lines over time.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Series {
    /// The first minute, counted from the Unix epoch.
    first_minute: u64,
    /// Minutes of one point.
    step_minutes: u64,
    /// Points of each line.
    points: usize,
    lines: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Line {
    value: String,
    total: Sum,
    records: Vec<u64>,
    blocked: Vec<u64>,
    bytes_up: Vec<u64>,
    bytes_down: Vec<u64>,
    total_ms: Vec<u64>,
}

pub(super) async fn series(
    shared: State,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Series>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::request(error.body_text()))?;
    let (by, span) = (asked.dimension()?, asked.span()?);
    let question = span.clone();
    let points = shared.ask(move |shared| Ok(shared.parts.records.series(by, &question)?)).await?;
    Ok(Json(gather(&points, &span)))
}

/// Puts points into lines: the greatest by themselves, the rest together.
fn gather(points: &[Point], span: &Span) -> Series {
    let minutes = span.minutes.end.saturating_sub(span.minutes.start).max(1);
    let step = minutes.div_ceil(POINTS_MAX);
    let count = usize::try_from(minutes.div_ceil(step)).unwrap_or(0);
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    for point in points {
        *totals.entry(&point.value).or_default() += point.sum.records;
    }
    let mut by_size: Vec<(&str, u64)> = totals.into_iter().collect();
    by_size.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut lines: Vec<Line> =
        by_size.iter().take(LINES_MAX).map(|(value, _)| Line::new(value, count)).collect();
    if by_size.len() > LINES_MAX {
        lines.push(Line::new(REST, count));
    }
    for point in points {
        let at = point.minute.saturating_sub(span.minutes.start) / step;
        let Ok(at) = usize::try_from(at) else { continue };
        let own = lines.iter().position(|line| line.value == point.value);
        let last = lines.len().saturating_sub(1);
        if let Some(line) = lines.get_mut(own.unwrap_or(last)) {
            line.add(at, &point.sum);
        }
    }
    Series { first_minute: span.minutes.start, step_minutes: step, points: count, lines }
}

/// The name of what is not shown by itself.
const REST: &str = "(others)";

impl Line {
    fn new(value: &str, count: usize) -> Self {
        let zeros = || vec![0; count];
        Self {
            value: value.to_owned(),
            total: Sum::default(),
            records: zeros(),
            blocked: zeros(),
            bytes_up: zeros(),
            bytes_down: zeros(),
            total_ms: zeros(),
        }
    }

    fn add(&mut self, at: usize, sum: &Sum) {
        let total = &mut self.total;
        for (line, all, more) in [
            (&mut self.records, &mut total.records, sum.records),
            (&mut self.blocked, &mut total.blocked, sum.blocked),
            (&mut self.bytes_up, &mut total.bytes_up, sum.bytes_up),
            (&mut self.bytes_down, &mut total.bytes_down, sum.bytes_down),
            (&mut self.total_ms, &mut total.total_ms, sum.total_ms),
        ] {
            *all = all.saturating_add(more);
            if let Some(point) = line.get_mut(at) {
                *point = point.saturating_add(more);
            }
        }
    }
}

#[derive(Serialize)]
pub(super) struct Top {
    top: Vec<Point>,
}

pub(super) async fn top(
    shared: State,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Top>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::request(error.body_text()))?;
    let (by, span) = (asked.dimension()?, asked.span()?);
    let limit = asked.limit.unwrap_or(10).clamp(1, 100);
    let top = shared.ask(move |shared| Ok(shared.parts.records.top(by, &span, limit)?)).await?;
    Ok(Json(Top { top }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_become_lines_of_one_length_and_none_is_lost() {
        let span = Span { minutes: 1_000..1_000 + 480, kind: None };
        let point = |minute, value: &str, records| Point {
            minute,
            value: value.to_owned(),
            sum: Sum { records, ..Sum::default() },
        };
        let mut points = vec![point(1_000, "a", 5), point(1_001, "a", 6), point(1_479, "b", 99)];
        points.extend((0..20).map(|n| point(1_010, &format!("small{n}"), 1)));
        let series = gather(&points, &span);
        assert_eq!((series.step_minutes, series.points, series.lines.len()), (2, 240, 13));
        assert_eq!((&*series.lines[0].value, series.lines[0].records[239]), ("b", 99));
        assert_eq!(series.lines[1].records[0], 11);
        assert_eq!((&*series.lines[12].value, series.lines[12].total.records), (REST, 10));
        let all: u64 = series.lines.iter().flat_map(|line| &line.records).sum();
        assert_eq!(all, 99 + 11 + 20);
    }
}
