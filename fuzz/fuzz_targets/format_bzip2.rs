//! libFuzzer's entry into `format_bzip2`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_bzip2(data));
