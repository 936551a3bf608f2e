//! libFuzzer's entry into `format_binhex`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_binhex(data));
