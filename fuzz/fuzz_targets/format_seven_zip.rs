//! libFuzzer's entry into `format_seven_zip`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_seven_zip(data));
