//! libFuzzer's entry into `transaction_script`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::transaction_script(data));
