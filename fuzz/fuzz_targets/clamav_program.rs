//! libFuzzer's entry into `clamav_program`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::clamav_program(data));
