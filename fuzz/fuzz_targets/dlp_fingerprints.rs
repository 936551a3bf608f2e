//! libFuzzer's entry into `dlp_fingerprints`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::dlp_fingerprints(data));
