//! Each decoder of content by itself: pieces do not change what comes out, and nothing that is packed
//! makes one stop without an end.

use crate::targets::targets;

// The first byte chooses among the kinds of the decoder, the second the pieces, the rest is packed.
targets! {
    "The decoder", gateway_content::content_decoder:
    decode_arj "arj",
    decode_ascii85 "ascii85",
    decode_ascii_hex "ascii_hex",
    decode_autoit "autoit",
    decode_base64 "base64",
    decode_bcj "bcj",
    decode_binhex "binhex",
    decode_branch "branch",
    decode_brotli "brotli",
    decode_bzip2 "bzip2",
    decode_cells "cells",
    decode_charset "charset",
    decode_chunked "chunked",
    decode_compress "compress",
    decode_compressed_rtf "compressed_rtf",
    decode_deflate "deflate",
    decode_deflate64 "deflate64",
    decode_delimited "delimited",
    decode_egg_blocks "egg_blocks",
    decode_escapes "escapes",
    decode_form "form",
    decode_gzip "gzip",
    decode_hex "hex",
    decode_implode "implode",
    decode_json "json",
    decode_lh "lh",
    decode_lharc "lharc",
    decode_lz4 "lz4",
    decode_lzip "lzip",
    decode_lzma "lzma",
    decode_lzs "lzs",
    decode_lzss "lzss",
    decode_lzw "lzw",
    decode_lzx "lzx",
    decode_mail "mail",
    decode_markup "markup",
    decode_nrv "nrv",
    decode_plainer "plainer",
    decode_ppmd "ppmd",
    decode_predictor "predictor",
    decode_quantum "quantum",
    decode_rar "rar",
    decode_reduce "reduce",
    decode_rtf "rtf",
    decode_run_length "run_length",
    decode_script "script",
    decode_shrink "shrink",
    decode_sparse "sparse",
    decode_uu "uu",
    decode_vba "vba",
    decode_xpress "xpress",
    decode_xz "xz",
    decode_zstd "zstd",
}

#[test]
fn each_decoder_has_a_target() {
    assert_eq!(NAMES, gateway_content::CONTENT_DECODERS);
}
