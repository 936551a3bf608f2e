//! ICAP (RFC 3507). On the client's side a message goes out to a service that may change it:
//! [`Exchange`]. On the service's side it comes in: [`Server`].
//!
//! [`Exchange`] is one request of ICAP and its answer: `OPTIONS`, or `REQMOD` and `RESPMOD` with
//! an HTTP message inside. It frames and reads; what becomes of the message, who holds the bytes
//! that a 204 gives back, and over which socket all this goes are the caller's.
//!
//! * **Preview** (§4.5): of a body only the first bytes go out; after them the service says
//!   whether it wants the rest. A body that ends within the preview says so (`0; ieof`).
//! * **204** (§4.6): *unmodified*. Within a preview a service may always say so; later only if it
//!   was [told](Modify::allow_204) that the caller has kept the whole message.
//! * **206** (draft-icap-ext-partial-content): the service returns a head and the first part of a body, and the
//!   rest of the original [follows](Event::Original). It may say so where it may say 204, to those who
//!   [can do that](Modify::allow_206).
//! * An answer may begin before the body has ended, and some services send back while they read:
//!   the body goes on beside it. Once the answer is complete no more is sent; a connection on which
//!   the body has not ended then is of no more use.
//!
//! What a service sends is checked as strictly as what an origin sends: HTTP heads are read by
//! [`h1`](crate::h1), and framing of theirs means nothing here, the body is always in chunks.
//!
//! ```
//! use bytes::Bytes;
//! use gateway_h1h2::icap::{Event, Exchange, Modify, Service};
//! use gateway_h1h2::{BodySize, ResponseHead};
//! use http::StatusCode;
//!
//! let service = Service::parse("icap://127.0.0.1:1344/echo")?;
//! let mut head = ResponseHead::new(StatusCode::OK);
//! head.body = BodySize::Length(5);
//! let mut exchange = Exchange::respmod(&service, &Modify::default(), None, &head);
//! exchange.push(Bytes::from_static(b"hello"));
//! exchange.finish();
//! exchange.receive(b"ICAP/1.0 200 OK\r\nISTag: \"1\"\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\n")?;
//! exchange.receive(b"HTTP/1.1 200 OK\r\n\r\n3\r\nbye\r\n0\r\n\r\n")?;
//! assert!(matches!(exchange.poll_event(), Some(Event::Response(_))));
//! assert_eq!(exchange.poll_event(), Some(Event::Data(Bytes::from_static(b"bye"))));
//! assert_eq!(exchange.poll_event(), Some(Event::End));
//! assert!(exchange.is_reusable());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chunks;
mod encapsulated;
mod exchange;
mod head;
mod options;
mod server;
mod service;
#[cfg(test)]
mod tests;
mod told;

pub use exchange::{Event, Exchange, Modify};
pub use options::{ServiceOptions, Transfer};
pub use server::{About, Ask, Head, Kind, Message, Said, Server};
pub use service::{Service, ServiceError, ServiceScheme};
pub use told::Told;

/// Bytes of the head of an answer, and of an HTTP head inside it.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Why what the other side sent makes no sense. The connection is of no more use then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IcapError {
    /// A head is longer than 64 KiB.
    #[error("a head of more than {HEAD_BYTES_MAX} bytes")]
    HeadTooLong,
    /// The first line or a field of ICAP is malformed.
    #[error("a malformed head")]
    Head,
    /// `Encapsulated` is missing, malformed, or names what does not belong here (§4.4.1).
    #[error("a missing or malformed Encapsulated field")]
    Encapsulated,
    /// The HTTP head inside is malformed.
    #[error("a malformed HTTP head")]
    Http,
    /// The chunks of the body are malformed.
    #[error("a malformed chunk")]
    Chunk,
    /// The status is one that answers nothing that was asked: 100 without a preview, 204 or 206 without
    /// leave.
    #[error("the status {0} out of turn")]
    OutOfTurn(u16),
    /// The service refuses, or fails: any status but 100, 200, 204 and 206; of a client, it asks for what is
    /// answered so.
    #[error("the status {0}")]
    Refused(u16),
    /// Bytes came after the end of the answer.
    #[error("bytes after the answer")]
    Surplus,
}
