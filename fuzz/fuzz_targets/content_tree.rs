//! libFuzzer's entry into `content_tree`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::content_tree(data));
