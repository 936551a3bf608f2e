//! libFuzzer's entry into `format_partitions`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_partitions(data));
