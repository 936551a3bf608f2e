//! libFuzzer's entry into `decode_lz4`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_lz4(data));
