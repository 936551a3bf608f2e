//! libFuzzer's entry into `decode_ascii_hex`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_ascii_hex(data));
