//! libFuzzer's entry into `decode_egg_blocks`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::decode_egg_blocks(data));
