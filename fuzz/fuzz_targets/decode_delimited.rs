//! libFuzzer's entry into `decode_delimited`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_delimited(data));
