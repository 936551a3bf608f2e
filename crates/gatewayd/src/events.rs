//! What the gateway says of its own life, on standard error: starts, reloads, listeners, troubles.
//! Traffic is the business of the records.

use std::io;

use tracing_subscriber::filter::LevelFilter;

use crate::config::{EventForm, Events, Level};

/// Sets up the process's one way out of events; what was set up before stays.
pub(crate) fn start(events: Events) {
    let level = match events.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_writer(io::stderr);
    let _ = match events.form {
        EventForm::Text => builder.try_init(),
        EventForm::Json => builder.json().flatten_event(true).try_init(),
    };
}
