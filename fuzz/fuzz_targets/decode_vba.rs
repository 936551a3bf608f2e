//! libFuzzer's entry into `decode_vba`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_vba(data));
