//! libFuzzer's entry into `format_mac_binary`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_mac_binary(data));
