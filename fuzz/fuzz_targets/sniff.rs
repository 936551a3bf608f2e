//! libFuzzer's entry into `sniff`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::sniff(data));
