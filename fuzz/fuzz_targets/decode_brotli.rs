//! libFuzzer's entry into `decode_brotli`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_brotli(data));
