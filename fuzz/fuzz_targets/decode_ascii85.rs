//! libFuzzer's entry into `decode_ascii85`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_ascii85(data));
