//! libFuzzer's entry into `h2_to_h1`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::h2_to_h1(data));
