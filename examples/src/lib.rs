//! Small programs that use the libraries of the gateway; see `examples/examples`.
