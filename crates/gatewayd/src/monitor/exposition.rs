//! The two text forms of metrics: OpenMetrics 1.0 for those who ask for it, and Prometheus' own
//! 0.0.4, in which the family of a counter carries the name of its samples.

use ::http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::http::Answer;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that `registry` shows, in the form that `accept` names.
pub(super) fn answer(registry: &Registry, accept: &[u8]) -> Answer {
    let mut text = String::with_capacity(64 << 10);
    if encode(&mut text, registry).is_err() {
        return Answer::text(StatusCode::INTERNAL_SERVER_ERROR, "metrics cannot be shown\n");
    }
    let open = accept.windows(OPEN.len()).any(|window| window == OPEN);
    let (media_type, text) =
        if open { (OPEN_METRICS, text) } else { (PROMETHEUS, as_prometheus(&text)) };
    Answer { status: StatusCode::OK, media_type, body: text.into() }
}

const OPEN: &[u8] = b"application/openmetrics-text";

/// The older form of `text`.
fn as_prometheus(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1024);
    // The help of a family comes before its type, which decides about the name of both.
    let mut help = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let Some((name, kind)) = rest.split_once(' ') else { continue };
            let suffix = if kind == "counter" { "_total" } else { "" };
            if let Some((_, help)) = help.take() {
                out.extend(["# HELP ", name, suffix, " ", help, "\n"]);
            }
            out.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            out.extend([line, "\n"]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_form_names_counters_after_their_samples() {
        let text = "# HELP a A thing.\n# TYPE a counter\na_total{b=\"#\"} 1\n\
                    # HELP c C.\n# TYPE c gauge\nc 2\n# EOF\n";
        let older = "# HELP a_total A thing.\n# TYPE a_total counter\na_total{b=\"#\"} 1\n\
                     # HELP c C.\n# TYPE c gauge\nc 2\n";
        assert_eq!(as_prometheus(text), older);
    }
}
