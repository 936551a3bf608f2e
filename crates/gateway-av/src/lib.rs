//! Streaming anti-virus.
