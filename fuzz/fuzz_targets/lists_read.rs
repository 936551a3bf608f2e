//! libFuzzer's entry into `lists_read`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::lists_read(data));
