//! Small programs that use the libraries of the gateway, one each, to be read and copied from.
//!
//! `cargo run -p gateway-examples --example NAME` runs one; most take a file to work on. Each holds
//! a test of what it shows, so `cargo test -p gateway-examples` runs them all.
//!
//! | program | shows |
//! |---|---|
//! | `encode_record` | gateway-log: a record as JSON and as a line to read |
//! | `evaluate_rules` | gateway-rules: a rule set asked gate by gate |
//! | `mint_leaf` | gateway-tls: an authority, and a leaf for a host |
//! | `own_inspector` | gateway-inspect: an inspector of your own in a chain |
//! | `parse_request` | gateway-h1h2: requests as events, and their errors |
//! | `run_transaction` | gateway-proxy: a session in memory, its wires and its records |
//! | `scan_for_cards` | gateway-dlp: card numbers in a stream |
//! | `scan_for_eicar` | gateway-av: signatures in ClamAV's form |
//! | `unpack_archive` | gateway-content: the parts of a body |
