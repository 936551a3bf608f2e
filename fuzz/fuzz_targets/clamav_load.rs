//! libFuzzer's entry into `clamav_load`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::clamav_load(data));
