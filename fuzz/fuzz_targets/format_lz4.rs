//! libFuzzer's entry into `format_lz4`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_lz4(data));
