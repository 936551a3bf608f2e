//! libFuzzer's entry into `content_emulator`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::content_emulator(data));
