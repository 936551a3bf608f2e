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
//! | `own_detector` | gateway-dlp: an entry of your own, with what must stand near it |
//! | `own_inspector` | gateway-inspect: an inspector of your own in a chain |
//! | `parse_request` | gateway-h1h2: requests as events, and their errors |
//! | `run_transaction` | gateway-proxy: a session in memory, its wires and its records |
//! | `scan_async_body` | gateway-dlp, gateway-inspect: an asynchronous HTTP body on its way |
//! | `scan_for_cards` | gateway-dlp: card numbers in a stream |
//! | `scan_for_eicar` | gateway-av: signatures in ClamAV's form |
//! | `scan_tree` | gateway-content, gateway-dlp: all files of a folder, and what is packed in them |
//! | `unpack_archive` | gateway-content: the parts of a body |
