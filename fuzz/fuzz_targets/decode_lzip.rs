//! libFuzzer's entry into `decode_lzip`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_lzip(data));
