//! libFuzzer's entry into `yara_rules`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::yara_rules(data));
