//! libFuzzer's entry into `decode_lzma`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_lzma(data));
