//! The binary `gateway-proxy`: it composes the libraries and moves bytes.

fn main() {}
