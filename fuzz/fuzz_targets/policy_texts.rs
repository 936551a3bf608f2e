//! libFuzzer's entry into `policy_texts`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::policy_texts(data));
