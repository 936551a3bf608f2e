//! libFuzzer's entry into `format_chm`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_chm(data));
