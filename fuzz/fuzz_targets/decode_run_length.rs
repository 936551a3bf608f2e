//! libFuzzer's entry into `decode_run_length`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_run_length(data));
