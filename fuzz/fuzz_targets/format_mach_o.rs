//! libFuzzer's entry into `format_mach_o`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::format_mach_o(data));
