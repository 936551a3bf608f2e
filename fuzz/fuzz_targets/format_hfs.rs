//! libFuzzer's entry into `format_hfs`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_hfs(data));
