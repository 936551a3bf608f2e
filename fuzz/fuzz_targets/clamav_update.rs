//! libFuzzer's entry into `clamav_update`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::clamav_update(data));
