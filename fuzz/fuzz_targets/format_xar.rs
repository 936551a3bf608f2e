//! libFuzzer's entry into `format_xar`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_xar(data));
