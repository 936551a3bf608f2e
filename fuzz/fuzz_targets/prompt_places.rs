//! libFuzzer's entry into `prompt_places`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::prompt_places(data));
