//! libFuzzer's entry into `quic_initial`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::quic_initial(data));
