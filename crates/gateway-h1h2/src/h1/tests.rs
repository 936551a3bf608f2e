//! Tests of whole connections; those of single parts stand beside the parts.

mod checks;
mod exchange;
mod laws;
mod smuggling;
mod tunnels;

use bytes::Bytes;

use super::Connection;
use crate::{Event, StreamId};

/// Everything that the connection has to say now.
fn events(connection: &mut Connection) -> Vec<Event> {
    std::iter::from_fn(|| connection.poll_event().expect("no error"))
        .map(|(_, event)| event)
        .collect()
}

/// Everything that the connection has to write now.
fn output(connection: &mut Connection) -> String {
    let mut pieces = Vec::new();
    connection.poll_output(&mut pieces);
    String::from_utf8(pieces.concat()).expect("the tests write text")
}

fn receive(connection: &mut Connection, text: &str) {
    connection.receive(Bytes::copy_from_slice(text.as_bytes()));
}

/// The names of the events, as a short text.
fn outline(events: &[Event]) -> String {
    let names = events.iter().map(|event| match event {
        Event::RequestHead(head) => format!("{} {}", head.method, head.target),
        Event::Informational(head) | Event::ResponseHead(head) => head.status.as_str().to_owned(),
        Event::Data(data) => format!("\"{}\"", data.escape_ascii()),
        Event::Trailers(trailers) => format!("{trailers:?}"),
        Event::End => "End".to_owned(),
        Event::Reset(reason) => format!("{reason:?}"),
        Event::Retry => "Retry".to_owned(),
        Event::Upgrade => "Upgrade".to_owned(),
    });
    names.collect::<Vec<_>>().join(" ")
}

const FIRST: StreamId = StreamId::new(0);
