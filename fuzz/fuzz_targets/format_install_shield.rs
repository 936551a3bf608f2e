//! libFuzzer's entry into `format_install_shield`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_install_shield(data));
