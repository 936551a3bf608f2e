//! WebSocket (RFC 6455) with permessage-deflate (RFC 7692), without IO: for those who look at a
//! connection while it passes.
//!
//! A relay that inspects passes the bytes on as they are and looks at a decoded copy; one that
//! changes messages writes them anew:
//!
//! * [`Handshake`] reads a request, [`Handshake::accepts`] weighs the answer to it, [`accept`]
//!   computes what the answer must say;
//! * [`FrameReader`] cuts one direction into [`Piece`]s that hold the bytes as they came, and
//!   checks what RFC 6455 says about frames;
//! * [`Tap`] makes the plain content out of the payload of messages: it takes off masks and
//!   compression, and checks text;
//! * [`MessageWriter`] writes messages, compressed too, [`FrameHeader::encode`] and [`close_frame`]
//!   write what stands by itself.
//!
//! What breaks a rule is a [`WsError`], which knows the code to close with.
//!
//! ```
//! use bytes::Bytes;
//! use gateway_h1h2::ws::{FrameReader, Piece, Sender, Tap, TapLimits, Tapped};
//!
//! let mut input = Bytes::from_static(b"\x81\x85\x01\x02\x03\x04igohn");
//! let mut frames = FrameReader::new(Sender::Client, None);
//! let mut tap = Tap::new(None, TapLimits::default());
//! let mut text = Vec::new();
//! while let Some(piece) = frames.next(&mut input)? {
//!     match piece {
//!         Piece::Begin { header, .. } => tap.begin(&header),
//!         Piece::Payload { wire } => tap.push(&wire),
//!         Piece::End => tap.end_frame(),
//!         Piece::Control(_) => {}
//!     }
//!     while let Tapped::Data(plain) = tap.step()? {
//!         text.extend_from_slice(&plain);
//!     }
//! }
//! assert_eq!(text, b"hello");
//! # Ok::<(), gateway_h1h2::ws::WsError>(())
//! ```

mod base64;
mod compress;
mod control;
mod deflate;
mod error;
mod extension;
mod handshake;
mod header;
mod inflate;
mod mask;
mod reader;
mod tap;
mod utf8;
mod writer;

pub use control::{Close, Control, close_frame};
pub use deflate::{Agreement, DeflateOffer};
pub use error::WsError;
pub use handshake::{
    Agreed, Handshake, HandshakeError, accept, derived_key, offers_websocket, request_key,
};
pub use header::{FrameHeader, Opcode};
pub use inflate::TapLimits;
pub use mask::apply_mask;
pub use reader::{FrameReader, Piece, Sender};
pub use tap::{Tap, Tapped};
pub use writer::{Last, MessageForm, MessageWriter, Packing};

#[cfg(test)]
mod tests;
