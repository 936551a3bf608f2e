//! libFuzzer's entry into `h1_differential`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::h1_differential(data));
