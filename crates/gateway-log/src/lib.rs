//! The record of a session or transaction.
