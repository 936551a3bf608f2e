//! libFuzzer's entry into `h2_server`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::h2_server(data));
