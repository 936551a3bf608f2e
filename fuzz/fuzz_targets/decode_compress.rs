//! libFuzzer's entry into `decode_compress`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_compress(data));
