//! libFuzzer's entry into `icap_offer`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::icap_offer(data));
