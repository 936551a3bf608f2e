//! libFuzzer's entry into `capsule`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::capsule(data));
