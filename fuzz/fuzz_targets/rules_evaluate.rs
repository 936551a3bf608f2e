//! libFuzzer's entry into `rules_evaluate`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::rules_evaluate(data));
