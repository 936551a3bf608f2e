//! libFuzzer's entry into `icap_answer`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::icap_answer(data));
