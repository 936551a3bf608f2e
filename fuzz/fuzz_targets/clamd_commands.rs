//! libFuzzer's entry into `clamd_commands`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::clamd_commands(data));
