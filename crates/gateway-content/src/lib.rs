//! Streaming content decoding and unpacking.
