//! libFuzzer's entry into `format_udf`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_udf(data));
