//! Fuzz targets as plain functions: libFuzzer calls them on nightly, `tests/replay.rs` on stable.
//!
//! A target takes any bytes and panics when a law is broken. One target is one module here, one
//! entry in [`TARGETS`], one file in `fuzz_targets/` with its `[[bin]]` in the manifest, and one
//! folder in `corpus/`; a test compares the four.
#![forbid(unsafe_code)]

mod admin_rules;
mod capsule;
mod clamav_container;
mod clamav_image;
mod clamav_load;
mod clamav_program;
mod clamav_signature;
mod clamav_update;
mod clamd_answers;
mod clamd_commands;
mod client_hello;
mod content_decoder;
mod content_decoders;
mod content_emulator;
mod content_format;
mod content_tree;
mod credentials;
mod dlp_dataset;
mod dlp_fingerprints;
mod dlp_rule_file;
mod dlp_scan;
mod h1;
mod h1_differential;
mod h1_request;
mod h1_response;
mod h2;
mod h2_client;
mod h2_server;
mod h2_to_h1;
mod hold_script;
mod icap_answer;
mod icap_offer;
mod lists_read;
mod mutate;
mod policy_texts;
mod prompt_places;
mod proxy_protocol;
mod quic_initial;
mod redaction;
mod rules_evaluate;
mod rules_functions;
mod rules_parse_print_parse;
mod rules_world;
mod sniff;
mod socks_server;
mod stun;
mod targets;
mod transaction_script;
mod websocket;
mod websocket_rewrite;
#[cfg(feature = "yara")]
mod yara_rules;

pub use admin_rules::admin_rules;
pub use capsule::capsule;
pub use clamav_container::clamav_container;
pub use clamav_image::clamav_image;
pub use clamav_load::clamav_load;
pub use clamav_program::clamav_program;
pub use clamav_signature::clamav_signature;
pub use clamav_update::clamav_update;
pub use clamd_answers::clamd_answers;
pub use clamd_commands::clamd_commands;
pub use client_hello::client_hello;
pub use content_decoder::{
    decode_arj, decode_ascii_hex, decode_ascii85, decode_autoit, decode_base64, decode_bcj,
    decode_binhex, decode_branch, decode_brotli, decode_bzip2, decode_cells, decode_charset,
    decode_chunked, decode_compress, decode_compressed_rtf, decode_deflate, decode_deflate64,
    decode_delimited, decode_escapes, decode_form, decode_gzip, decode_hex, decode_implode,
    decode_json, decode_lh, decode_lharc, decode_lz4, decode_lzip, decode_lzma, decode_lzs,
    decode_lzss, decode_lzw, decode_lzx, decode_mail, decode_markup, decode_nrv, decode_plainer,
    decode_ppmd, decode_predictor, decode_quantum, decode_rar, decode_reduce, decode_rtf,
    decode_run_length, decode_shrink, decode_sparse, decode_uu, decode_vba, decode_xpress,
    decode_xz, decode_zstd,
};
pub use content_decoders::content_decoders;
pub use content_emulator::content_emulator;
pub use content_format::{
    format_alz, format_ar, format_arj, format_binhex, format_bzip2, format_cab, format_chm,
    format_compress, format_cpio, format_dmg, format_fat, format_form, format_gzip, format_hfs,
    format_html, format_install_shield, format_iso, format_json, format_lz4, format_lzh,
    format_lzip, format_lzma, format_mac_binary, format_mach_o, format_mail, format_nsis,
    format_ole, format_onenote, format_partitions, format_pdf, format_program, format_rar,
    format_rpm, format_rtf, format_seven_zip, format_sis, format_szdd, format_tar, format_text,
    format_tnef, format_udf, format_uu, format_wim, format_xar, format_xz, format_yenc, format_zip,
    format_zstd,
};
pub use content_tree::content_tree;
pub use credentials::credentials;
pub use dlp_dataset::dlp_dataset;
pub use dlp_fingerprints::dlp_fingerprints;
pub use dlp_rule_file::dlp_rule_file;
pub use dlp_scan::dlp_scan;
pub use h1_differential::h1_differential;
pub use h1_request::h1_request;
pub use h1_response::h1_response;
pub use h2_client::h2_client;
pub use h2_server::h2_server;
pub use h2_to_h1::h2_to_h1;
pub use hold_script::hold_script;
pub use icap_answer::icap_answer;
pub use icap_offer::icap_offer;
pub use lists_read::lists_read;
pub use mutate::mutations;
pub use policy_texts::policy_texts;
pub use prompt_places::prompt_places;
pub use proxy_protocol::proxy_protocol;
pub use quic_initial::quic_initial;
pub use redaction::redaction;
pub use rules_evaluate::rules_evaluate;
pub use rules_functions::rules_functions;
pub use rules_parse_print_parse::rules_parse_print_parse;
pub use sniff::sniff;
pub use socks_server::socks_server;
pub use stun::stun;
pub use transaction_script::transaction_script;
pub use websocket::websocket;
pub use websocket_rewrite::websocket_rewrite;
#[cfg(feature = "yara")]
pub use yara_rules::yara_rules;

/// A law over any bytes; a panic is a broken law.
pub type Target = fn(&[u8]);

/// Every target by name, in alphabetical order.
pub const TARGETS: &[(&str, Target)] = &[
    ("admin_rules", admin_rules),
    ("capsule", capsule),
    ("clamav_container", clamav_container),
    ("clamav_image", clamav_image),
    ("clamav_load", clamav_load),
    ("clamav_program", clamav_program),
    ("clamav_signature", clamav_signature),
    ("clamav_update", clamav_update),
    ("clamd_answers", clamd_answers),
    ("clamd_commands", clamd_commands),
    ("client_hello", client_hello),
    ("content_decoders", content_decoders),
    ("content_emulator", content_emulator),
    ("content_tree", content_tree),
    ("credentials", credentials),
    ("decode_arj", decode_arj),
    ("decode_ascii85", decode_ascii85),
    ("decode_ascii_hex", decode_ascii_hex),
    ("decode_autoit", decode_autoit),
    ("decode_base64", decode_base64),
    ("decode_bcj", decode_bcj),
    ("decode_binhex", decode_binhex),
    ("decode_branch", decode_branch),
    ("decode_brotli", decode_brotli),
    ("decode_bzip2", decode_bzip2),
    ("decode_cells", decode_cells),
    ("decode_charset", decode_charset),
    ("decode_chunked", decode_chunked),
    ("decode_compress", decode_compress),
    ("decode_compressed_rtf", decode_compressed_rtf),
    ("decode_deflate", decode_deflate),
    ("decode_deflate64", decode_deflate64),
    ("decode_delimited", decode_delimited),
    ("decode_escapes", decode_escapes),
    ("decode_form", decode_form),
    ("decode_gzip", decode_gzip),
    ("decode_hex", decode_hex),
    ("decode_implode", decode_implode),
    ("decode_json", decode_json),
    ("decode_lh", decode_lh),
    ("decode_lharc", decode_lharc),
    ("decode_lz4", decode_lz4),
    ("decode_lzip", decode_lzip),
    ("decode_lzma", decode_lzma),
    ("decode_lzs", decode_lzs),
    ("decode_lzss", decode_lzss),
    ("decode_lzw", decode_lzw),
    ("decode_lzx", decode_lzx),
    ("decode_mail", decode_mail),
    ("decode_markup", decode_markup),
    ("decode_nrv", decode_nrv),
    ("decode_plainer", decode_plainer),
    ("decode_ppmd", decode_ppmd),
    ("decode_predictor", decode_predictor),
    ("decode_quantum", decode_quantum),
    ("decode_rar", decode_rar),
    ("decode_reduce", decode_reduce),
    ("decode_rtf", decode_rtf),
    ("decode_run_length", decode_run_length),
    ("decode_shrink", decode_shrink),
    ("decode_sparse", decode_sparse),
    ("decode_uu", decode_uu),
    ("decode_vba", decode_vba),
    ("decode_xpress", decode_xpress),
    ("decode_xz", decode_xz),
    ("decode_zstd", decode_zstd),
    ("dlp_dataset", dlp_dataset),
    ("dlp_fingerprints", dlp_fingerprints),
    ("dlp_rule_file", dlp_rule_file),
    ("dlp_scan", dlp_scan),
    ("format_alz", format_alz),
    ("format_ar", format_ar),
    ("format_arj", format_arj),
    ("format_binhex", format_binhex),
    ("format_bzip2", format_bzip2),
    ("format_cab", format_cab),
    ("format_chm", format_chm),
    ("format_compress", format_compress),
    ("format_cpio", format_cpio),
    ("format_dmg", format_dmg),
    ("format_fat", format_fat),
    ("format_form", format_form),
    ("format_gzip", format_gzip),
    ("format_hfs", format_hfs),
    ("format_html", format_html),
    ("format_install_shield", format_install_shield),
    ("format_iso", format_iso),
    ("format_json", format_json),
    ("format_lz4", format_lz4),
    ("format_lzh", format_lzh),
    ("format_lzip", format_lzip),
    ("format_lzma", format_lzma),
    ("format_mac_binary", format_mac_binary),
    ("format_mach_o", format_mach_o),
    ("format_mail", format_mail),
    ("format_nsis", format_nsis),
    ("format_ole", format_ole),
    ("format_onenote", format_onenote),
    ("format_partitions", format_partitions),
    ("format_pdf", format_pdf),
    ("format_program", format_program),
    ("format_rar", format_rar),
    ("format_rpm", format_rpm),
    ("format_rtf", format_rtf),
    ("format_seven_zip", format_seven_zip),
    ("format_sis", format_sis),
    ("format_szdd", format_szdd),
    ("format_tar", format_tar),
    ("format_text", format_text),
    ("format_tnef", format_tnef),
    ("format_udf", format_udf),
    ("format_uu", format_uu),
    ("format_wim", format_wim),
    ("format_xar", format_xar),
    ("format_xz", format_xz),
    ("format_yenc", format_yenc),
    ("format_zip", format_zip),
    ("format_zstd", format_zstd),
    ("h1_differential", h1_differential),
    ("h1_request", h1_request),
    ("h1_response", h1_response),
    ("h2_client", h2_client),
    ("h2_server", h2_server),
    ("h2_to_h1", h2_to_h1),
    ("hold_script", hold_script),
    ("icap_answer", icap_answer),
    ("icap_offer", icap_offer),
    ("lists_read", lists_read),
    ("policy_texts", policy_texts),
    ("prompt_places", prompt_places),
    ("proxy_protocol", proxy_protocol),
    ("quic_initial", quic_initial),
    ("redaction", redaction),
    ("rules_evaluate", rules_evaluate),
    ("rules_functions", rules_functions),
    ("rules_parse_print_parse", rules_parse_print_parse),
    ("sniff", sniff),
    ("socks_server", socks_server),
    ("stun", stun),
    ("transaction_script", transaction_script),
    ("websocket", websocket),
    ("websocket_rewrite", websocket_rewrite),
    #[cfg(feature = "yara")]
    ("yara_rules", yara_rules),
];
