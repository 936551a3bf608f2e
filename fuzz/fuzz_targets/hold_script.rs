//! libFuzzer's entry into `hold_script`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::hold_script(data));
