//! libFuzzer's entry into `socks_server`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::socks_server(data));
