//! The whole gateway as a child process, between real clients (`curl`, Python's `ssl`, raw
//! sockets) and an origin that the test runs. What a machine does with one input is tested where
//! the machine is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin;
#[path = "../command_line/archive.rs"]
mod archive;
mod authority;
mod browser;
mod client;
mod curl;
mod daemon;
mod gateway;
mod haproxy;
mod http2_client;
mod message;
mod nghttpd;
mod origin;
mod ports;
mod python;

mod c_icap;
mod certificates;
mod clamd;
mod connect;
mod connect_udp;
mod decisions;
mod exchange;
mod grpc;
mod h2spec;
mod half_close;
mod hello;
mod hostile;
mod http2;
mod http2_browser;
mod http2_frames;
mod http2_programs;
mod icap;
mod icap_faults;
mod icap_scan;
mod icaps;
mod identity;
mod identity_browser;
mod large;
mod life;
mod monitor;
mod nested;
mod outcomes;
mod page;
mod payload;
mod policy;
mod progress;
mod progress_browser;
mod prompts;
mod proxy_protocol;
mod quarantine;
mod redaction;
mod reload;
mod scan_servers;
mod scanning;
mod server_sent_events;
mod slow;
mod socks4;
mod strictness;
mod upgrades;
mod websockets;
mod worker_bodies;
mod worker_examples;
mod worker_faults;
mod worker_identity;
mod worker_life;
mod workerd;
mod workers;
