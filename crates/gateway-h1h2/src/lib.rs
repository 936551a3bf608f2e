//! Sans-IO HTTP codecs with one version-neutral event model.
//!
//! A codec is a state machine over bytes: it reads no socket, knows no clock and starts no
//! thread. Bytes go in with [`receive`](h1::Connection::receive), come out with
//! [`poll_output`](h1::Connection::poll_output); what they mean is a sequence of [`Event`]s of
//! [`StreamId`]s, the same for every version of HTTP. There is HTTP/1.1 for both roles in [`h1`],
//! and HTTP/2 in [`h2`]; [`Codec`] is either. What may follow HTTP on a connection is in [`ws`].
//!
//! ```
//! use bytes::Bytes;
//! use gateway_h1h2::h1::{Connection, Options};
//! use gateway_h1h2::{BodySize, Event, ResponseHead};
//! use http::StatusCode;
//!
//! let mut server = Connection::server(Options::default());
//! server.receive(Bytes::from_static(b"GET /hello?x HTTP/1.1\r\nHost: a.example\r\n\r\n"));
//! while let Some((stream, event)) = server.poll_event()? {
//!     match event {
//!         Event::RequestHead(head) => assert_eq!(head.target.to_string(), "/hello?x"),
//!         Event::End => {
//!             let mut head = ResponseHead::new(StatusCode::OK);
//!             head.body = BodySize::Length(5);
//!             server.send(stream, Event::ResponseHead(Box::new(head)))?;
//!             server.send(stream, Event::Data(Bytes::from_static(b"world")))?;
//!             server.send(stream, Event::End)?;
//!         }
//!         _ => {}
//!     }
//! }
//! let mut output = Vec::new();
//! server.poll_output(&mut output);
//! assert_eq!(output.concat(), b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a user can rely on
//!
//! * **One reading.** Where a message ends is decided in one place, [`Framing::decide`], for both
//!   directions. What can be read in two ways is refused, by a named [check](h1::Check), or mended
//!   before anybody sees it; `Content-Length` and `Transfer-Encoding` never stand among
//!   [`Fields`], they are written from [`BodySize`]. The serializer writes only what its types
//!   hold, so it cannot write an ambiguous message.
//! * **A cut shows.** A message that was not complete ends in [`Event::Reset`], never in
//!   [`Event::End`]; a message that is cut when sent has no regular end on the wire.
//! * **Bounded memory, linear time.** Heads, trailers, extensions and unread bytes have
//!   [limits](h1::Limits); every byte of a head is looked at twice, however it drips in; bodies
//!   pass as slices of what was read, under credit.
//! * **Credit.** Body bytes are delivered under credit that the caller gives; on HTTP/2 it is the
//!   window of the stream, and a stream without credit stops no other. Peers that send what moves
//!   nothing are [sent away](h2::Budgets).
//! * **Order.** A pipelined request is parsed when the response before it is complete, bytes
//!   behind a CONNECT or Upgrade belong to nobody until it is answered.
//!
//! What a proxy does between two connections is in pure functions: [`strip_hop_by_hop`],
//! [`append_via`], [`via_names`].
//!
//! # Besides HTTP
//!
//! What leads to HTTP or stands in its place: [`sniff`] tells protocols by their first bytes,
//! [`socks`] is the server's side of SOCKS, [`proxy_protocol`] the header of load balancers,
//! [`icap`] the client's side of ICAP, [`stun`] reads what WebRTC's connections are set up
//! with. Behind a request to relay datagrams ([`connect_udp`]) come [`capsule`]s.

mod authority;
pub mod capsule;
mod codec;
pub mod connect_udp;
mod error;
mod event;
mod fields;
mod framing;
pub mod h1;
pub mod h2;
mod hop;
pub mod icap;
pub mod proxy_protocol;
pub mod sniff;
pub mod socks;
pub mod stun;
mod target;
pub mod ws;

pub use authority::{Authority, AuthorityError};
pub use codec::{Close, Codec, CodecError, CodecOptions, Scope};
pub use error::{Blame, SendError};
pub use event::{BodySize, Event, RequestHead, ResetReason, ResponseHead, StreamId, Version};
pub use fields::{FieldError, Fields};
pub use framing::{Declared, Framing, Message};
pub use hop::{UpgradeField, append_via, strip_hop_by_hop, via_names};
pub use target::{PathAndQuery, Scheme, Target, TargetError};
