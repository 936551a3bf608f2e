//! libFuzzer's entry into `decode_plainer`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_plainer(data));
