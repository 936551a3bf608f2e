//! §3: the start of a connection.

use super::*;

mod s3_4 {
    use super::*;

    #[test]
    fn a_server_begins_with_settings() {
        let mut side = Side::new(Connection::server(options()));
        side.feed(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat());
        let kinds: Vec<_> = side.written.iter().map(|(kind, _, _)| *kind).take(2).collect();
        assert_eq!(kinds, [SETTINGS, SETTINGS], "ours, and the acknowledgement of theirs");
        goes_on(&mut side);
    }

    #[test]
    fn a_client_begins_with_preface_and_settings_and_waits_for_nothing() {
        let mut client = Connection::client(options());
        let mut output = Vec::new();
        while client.poll_output(&mut output) > 0 {}
        let output = output.concat();
        assert!(output.starts_with(PREFACE));
        assert_eq!(output[PREFACE.len() + 3], SETTINGS);
    }

    #[test]
    fn another_preface_is_refused() {
        for preface in
            [&b"INVALID CONNECTION PREFACE\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"]
        {
            let mut side = Side::new(Connection::server(options()));
            side.feed(preface);
            assert_eq!(side.told(u64::MAX), ["preface 400"]);
            ends(&side, PROTOCOL_ERROR);
        }
    }

    #[test]
    fn the_first_frame_of_a_client_is_settings() {
        let mut side = Side::new(Connection::server(options()));
        side.feed(&[PREFACE, &frame(PING, 0, 0, b"12345678")].concat());
        ends(&side, PROTOCOL_ERROR);
    }
}
