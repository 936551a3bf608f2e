//! libFuzzer's entry into `dlp_rule_file`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::dlp_rule_file(data));
