//! libFuzzer's entry into `decode_ppmd`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_ppmd(data));
