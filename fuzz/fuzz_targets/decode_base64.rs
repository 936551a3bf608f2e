//! libFuzzer's entry into `decode_base64`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_base64(data));
