//! libFuzzer's entry into `decode_compressed_rtf`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_compressed_rtf(data));
