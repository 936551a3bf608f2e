//! Streaming data loss prevention.
