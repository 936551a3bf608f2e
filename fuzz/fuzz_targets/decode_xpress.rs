//! libFuzzer's entry into `decode_xpress`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_xpress(data));
