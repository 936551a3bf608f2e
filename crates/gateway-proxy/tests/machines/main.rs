//! The machines of the gateway in memory: no socket, no clock, no runtime.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]
#![expect(clippy::disallowed_methods, reason = "some instant to count from")]

mod adapter_laws;
mod adapters;
mod associations;
mod datagram_streams;
mod duties;
mod entries;
mod external;
mod frames;
mod greetings;
mod heads;
mod holding;
mod http2;
mod http2_laws;
mod identity;
mod laws;
mod matches;
mod peers;
mod progress;
mod prompts;
mod quarantine;
mod redaction;
mod requests;
mod rewrites;
mod sampling;
mod scene;
mod script;
mod shared;
mod slow;
mod smuggling;
mod strictness;
mod tunnels;
mod websockets;
mod workers;
