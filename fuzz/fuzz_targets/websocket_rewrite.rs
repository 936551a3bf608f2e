//! libFuzzer's entry into `websocket_rewrite`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::websocket_rewrite(data));
