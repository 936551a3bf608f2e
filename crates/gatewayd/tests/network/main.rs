//! The gateway as the network sees it: between a client and its servers in namespaces of their
//! own, with connections and datagrams led to it by `nft`, and with SOCKS. Real peers on both
//! sides: `curl`, `aiortc` and `coturn` for WebRTC, `aioquic` for QUIC.
//!
//! Needs root for the namespaces, and what `cargo xtask test` installs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what happened, where a test fails")]

mod certificates;
mod gateway;
mod lab;

mod drain;
mod quic;
mod socks;
mod transparent;
mod webrtc;
