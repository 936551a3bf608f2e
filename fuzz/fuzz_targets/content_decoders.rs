//! libFuzzer's entry into `content_decoders`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::content_decoders(data));
