//! libFuzzer's entry into `decode_bzip2`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_bzip2(data));
