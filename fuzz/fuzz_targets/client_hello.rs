//! libFuzzer's entry into `client_hello`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::client_hello(data));
