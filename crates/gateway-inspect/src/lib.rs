//! The streaming inspection contract.
