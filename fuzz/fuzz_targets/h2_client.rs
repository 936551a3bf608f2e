//! libFuzzer's entry into `h2_client`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::h2_client(data));
