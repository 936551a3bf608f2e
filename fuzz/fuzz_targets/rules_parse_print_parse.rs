//! libFuzzer's entry into `rules_parse_print_parse`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::rules_parse_print_parse(data));
