//! HTTP/2 for both roles (RFC 9113): [`Connection`] and what it needs.
//!
//! Frames, header compression and windows are the `h2` crate's; here it runs without a runtime,
//! over byte queues and polled by hand. What is ours: the events, the rules for heads that a
//! proxy needs, credit, and budgets for what the crate accepts without limit.
//!
//! ```
//! use gateway_h1h2::h2::{Connection, Options};
//! use gateway_h1h2::{BodySize, Event, PathAndQuery, RequestHead, ResponseHead, Scheme, Target};
//! use gateway_h1h2::Authority;
//! use http::{Method, StatusCode};
//!
//! let mut client = Connection::client(Options::default());
//! let mut server = Connection::server(Options::default());
//! let target = Target::Absolute {
//!     scheme: Scheme::Https,
//!     authority: Authority::parse("a.example")?,
//!     path_and_query: PathAndQuery::parse("/hello")?,
//! };
//! let stream = client.open();
//! let head = Box::new(RequestHead::new(Method::GET, target));
//! client.send(stream, Event::RequestHead(head))?;
//! client.send(stream, Event::End)?;
//!
//! let mut page = Vec::new();
//! loop {
//!     let mut wire = Vec::new();
//!     client.poll_output(&mut wire);
//!     wire.drain(..).for_each(|bytes| server.receive(bytes));
//!     while let Some((stream, event)) = server.poll_event()? {
//!         if event == Event::End {
//!             let mut head = ResponseHead::new(StatusCode::OK);
//!             head.body = BodySize::Length(5);
//!             server.send(stream, Event::ResponseHead(Box::new(head)))?;
//!             server.send(stream, Event::Data("world".into()))?;
//!             server.send(stream, Event::End)?;
//!         }
//!     }
//!     server.poll_output(&mut wire);
//!     if wire.is_empty() {
//!         break;
//!     }
//!     wire.drain(..).for_each(|bytes| client.receive(bytes));
//!     while let Some((stream, event)) = client.poll_event()? {
//!         if let Event::Data(data) = event {
//!             client.credit(stream, data.len() as u64);
//!             page.extend_from_slice(&data);
//!         }
//!     }
//! }
//! assert_eq!(page, b"world");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How it is built, from the wire up:
//!
//! * `pipe` is the byte queues that the engine takes for a socket; on their way through them bytes
//!   pass the two taps of `tap`, which look at the nine bytes in front of each frame (`frame`), keep
//!   the `purse` of [`Budgets`] and know by `halves` which streams are over.
//! * `compact` keeps small pieces of bodies from holding read buffers.
//! * `engine` sets the `h2` crate up; `ready` is the queue in which its wakers say who is to be
//!   polled; `stream` is one stream, `streams` finds it, `asked` knows which have no bodies.
//! * `receive_head` and `send_head` convert and check heads, `heard` and `known` spare the second
//!   conversion of what is received or sent again; [`Fault`] is the table of what is refused.
//! * `connection` is the state and the surface, `drive` what the engine says, `send` what commands
//!   do; `rest` is what becomes of a request behind its response, `linger` what becomes of a body
//!   behind its end.
//! * `time` is what time does, by the clocks of `watch` and the limits of [`Timeouts`].
//!
//! # What it does not do
//!
//! Fields of one name are told next to each other, where the first of them stood: the crate keeps
//! no other order. A path with `<`, `>` or a backtick, or a query with `<`, `>` or `"`, is refused
//! when received; when sent, these are percent-encoded (RFC 3986 §2.1).
//! Of trailers, pseudo-fields that name an entry of the dynamic table are left out and not refused.
//! A response with pseudo-fields other than `:status` is taken without them. Of time-outs there are
//! those of the protocol ([`Timeouts`]): whether requests are answered and bodies come fast enough
//! is the caller's to watch.

mod asked;
mod budget;
mod compact;
mod connection;
mod drive;
mod engine;
mod error;
mod fault;
mod frame;
mod halves;
mod heard;
mod known;
mod linger;
mod options;
mod pipe;
mod purse;
mod ready;
mod receive_head;
mod replay;
mod rest;
mod send;
mod send_head;
mod setting;
mod stream;
mod streams;
mod tap;
mod time;
mod timeouts;
mod trailing;
mod watch;

pub use budget::Budgets;
pub use connection::Connection;
pub use error::H2Error;
pub use fault::Fault;
pub use options::{Limits, Options};
pub use replay::{Answer, Transcript, replay_requests, replay_responses};
pub use timeouts::Timeouts;

#[cfg(test)]
mod tests;
