//! libFuzzer's entry into `credentials`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::credentials(data));
