//! Decoders that only containers use: pieces do not change what comes out, and nothing that is
//! packed makes them stop without an end.

/// The first byte chooses the decoder, the second the pieces, the rest is packed.
pub fn content_decoders(data: &[u8]) {
    gateway_content::content_decoders(data);
}
