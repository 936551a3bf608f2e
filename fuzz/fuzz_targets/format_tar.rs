//! libFuzzer's entry into `format_tar`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_tar(data));
