//! libFuzzer's entry into `format_dmg`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_dmg(data));
