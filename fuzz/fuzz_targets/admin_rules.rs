//! libFuzzer's entry into `admin_rules`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::admin_rules(data));
