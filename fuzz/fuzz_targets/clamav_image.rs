//! libFuzzer's entry into `clamav_image`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::clamav_image(data));
