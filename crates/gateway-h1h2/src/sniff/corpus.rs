//! A corpus of first bytes with their names: what real programs send, cut everywhere, changed
//! everywhere, and what looks like it.

use super::{Protocol, Sniff, sniff_datagram, sniff_greeting, sniff_stream};

type Sniffer = fn(&[u8]) -> Sniff;

/// What clients send first.
const CLIENTS: &[(Protocol, &[u8])] = {
    use Protocol::*;
    &[
        (
            BitTorrent,
            b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05aaaaaaaaaaaaaaaaaaaa-TR4000-bbbbbbbbbbbb",
        ),
        (Dns, b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"),
        (Ftp, b"AUTH TLS\r\n"),
        (Ftp, b"FEAT\r\n"),
        (Http1, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
        (Http1, b"GET http://a.example/ HTTP/1.1\r\n"),
        (Http1, b"POST /rtsp:// HTTP/1.0\r\n"),
        (Http1, b"CONNECT 192.0.2.1:443 HTTP/1.1\r\n"),
        (Http1, b"CONNECT rtmp.example:443 HTTP/1.1\r\n"),
        (Http1, b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"),
        (Http1, b"OPTIONS * HTTP/1.1\r\n"),
        (Http1, b"M-SEARCH * HTTP/1.1\r\n"),
        (Http1, b"PROPFIND /dav/ HTTP/1.1\r\n"),
        (Http1, b"BREW /pot HTTP/1.1\r\n"),
        (Http1, b"BREW coffee://pot HTTP/1.1\r\n"),
        (Http1, b"PRI * HTTP/1.1\r\n"),
        (Http1, b"GET index.html HTTP/1.0\r\n"),
        (Http2, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        (Imap, b"a001 CAPABILITY\r\n"),
        (Imap, b"1 login anna geheim\r\n"),
        (Imap, b"A.7 STARTTLS\r\n"),
        (Imap, b"TAG AUTHENTICATE PLAIN\r\n"),
        (Mqtt, b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04dev1"),
        (Mqtt, b"\x10\x90\x01\0\x04MQTT\x05\x02\0\x3c"),
        (Mqtt, b"\x10\x12\0\x06MQIsdp\x03\x02\0\x3c\0\x04dev1"),
        (Pop3, b"CAPA\r\n"),
        (Pop3, b"APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"),
        (Postgres, b"\0\0\0\x08\x04\xd2\x16\x2f"),
        (Postgres, b"\0\0\0\x08\x04\xd2\x16\x30"),
        (Postgres, b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02"),
        (Postgres, b"\0\0\0\x21\0\x03\0\0user\0anna\0database\0shop\0\0"),
        (Rdp, b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0"),
        (Rdp, b"\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=anna\r\n\x01\0\x08\0\x03\0\0\0"),
        (Rdp, b"\x03\0\0\x0b\x06\xe0\0\0\0\0\0"),
        (Smtp, b"EHLO client.example\r\n"),
        (Smtp, b"helo client.example\r\n"),
        (Smtp, b"LHLO client.example\r\n"),
        (Socks, b"\x05\x01\0"),
        (Socks, b"\x05\x03\0\x01\x02"),
        (Socks, b"\x04\x01\x01\xbb\xc0\0\x02\x01anna\0"),
        (Socks, b"\x04\x01\0\x50\0\0\0\x01\0a.example\0"),
        (Ssh, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        (Ssh, b"SSH-1.99-old\r\n"),
        (Stun, b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl"),
        (Stun, b"\0\x14\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl"),
        (Tls, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
        (Tls, b"\x16\x03\x03\0\x01\x01"),
        (Turn, b"\0\x03\0\0\x21\x12\xa4\x42abcdefghijkl"),
    ]
};

/// What servers send first.
const SERVERS: &[(Protocol, &[u8])] = {
    use Protocol::*;
    &[
        (Ftp, b"220 (vsFTPd 3.0.3)\r\n"),
        (Ftp, b"220 ProFTPD Server (Debian) [::ffff:192.0.2.1]\r\n"),
        (Ftp, b"220-FileZilla Server 1.5.1\r\n220-Please visit\r\n220 FTP ready\r\n"),
        (Ftp, b"220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n"),
        (Imap, b"* OK [CAPABILITY IMAP4rev1 SASL-IR] Dovecot (Debian) ready.\r\n"),
        (Imap, b"* PREAUTH IMAP4rev1 server logged in as anna\r\n"),
        (Imap, b"* BYE Too many connections\r\n"),
        (MySql, b"\x5b\0\0\0\x0a8.0.36\0\x0b\0\0\0abcdefgh\0\xff\xff"),
        (MySql, b"\x59\0\0\0\x0a5.5.5-10.11.6-MariaDB-0+deb12u1\0\x1f\0\0\0"),
        (MySql, b"\x45\0\0\0\xff\x6a\x04Host '192.0.2.1' is not allowed"),
        (Pop3, b"+OK Dovecot (Debian) ready.\r\n"),
        (Pop3, b"+OK\r\n"),
        (Smtp, b"220 mx.example ESMTP Postfix (Debian/GNU)\r\n"),
        (Smtp, b"220-mx.example ESMTP Exim 4.96\r\n220 no spam\r\n"),
        (Smtp, b"220 ftp.example SMTP\r\n"),
        (Ssh, b"SSH-2.0-dropbear_2022.83\r\n"),
    ]
};

/// What clients send that looks like something and is none of it.
const CLIENT_LOOK_ALIKES: &[&[u8]] = &[
    b"GET\r\n",
    b"GETX\0",
    b"get / HTTP/1.1\r\n",
    b"OPTIONS rtsp://a.example/ RTSP/1.0\r\n",
    b"OPTIONS * RTSP/1.0\r\n",
    b"OPTIONS sip:bob@a.example SIP/2.0\r\n",
    b"OPTIONS icap://a.example/scan ICAP/1.0\r\n",
    b"REGISTER sip:a.example SIP/2.0\r\n",
    b"DESCRIBE rtsp://a.example/ RTSP/1.0\r\n",
    b"USER anna\r\n",
    b"NICK anna\r\n",
    b"RETR /etc/motd\r\n",
    b"HEAD <45223423@a.example>\r\n",
    b"HEAD 12\r\n",
    b"SSH-key\r\n",
    b"SSH-3.0-x\r\n",
    b"EHLO\r\n",
    b"AUTH PLAIN\r\n",
    b"a1 FETCH 1\r\n",
    b"a-1 LOGIN x y\r\n",
    b"BitTorrent protocol",
    b"\x13BitTorrent Protocol",
    b"\x16\x03\x01\x02\0\x02",
    b"\x15\x03\x01\0\x02\x01\0",
    b"\x16\x02\x01\x02\0\x01",
    b"\x05\0",
    b"\x05\x02\0\0",
    b"\x05\x01\xff",
    b"\x05\x01\x40",
    b"\x06\x01\0",
    b"\x04\x03\x01\xbb\xc0\0\x02\x01anna\0",
    b"\x04\x01\0\0\xc0\0\x02\x01\0",
    b"\x04\x01\x01\xbb\0\0\0\0\0\0",
    b"\x04\x01\x01\xbb\xc0\0\x02\x01an\x01na\0",
    b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc1\x02\x01\0\xc2\x02\x01\x02\xc0\x01\x0a",
    b"\x03\0\0\x13\x0d\xe0\0\0\0\0\0\x01\0\x08\0",
    b"\x03\0\0\x07\x02\xf0\x80",
    b"\x10\x10\0\x04MQTT\x03",
    b"\x10\x10\0\x04QTTM\x04",
    b"\x10\xff\xff\xff\xff\0\x04MQTT\x04",
    b"\x20\x02\0\0",
    b"\0\0\0\x09\x04\xd2\x16\x2f",
    b"\0\0\0\x08\0\x03\0\0user",
    b"\0\0\0\x21\0\x02\0\0user\0",
    b"\0\0\0\x21\0\x03\0\0\xffser\0",
    b"\0\x01\0\0\x21\x12\xa4\x43abcdefghijkl",
    b"\0\x1d\x12\x34\x81\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01",
    b"{\"json\": 1}",
    b"<?xml version=\"1.0\"?>",
    b"\xff\xfb\x01\xff\xfb\x03",
    b"RFB 003.008\n",
    b"*1\r\n$4\r\nPING\r\n",
];

const SERVER_LOOK_ALIKES: &[&[u8]] = &[
    b"200 news.example ready\r\n",
    b"220 a.example\r\n",
    b"220 ftp.example\r\n",
    b"220 smtp.example\r\n",
    b"220FTP\r\n",
    b"220-hello\r\n221 ESMTP\r\n",
    b"* OKAY\r\n",
    b"* OK no carriage return\n",
    b"+OKAY\r\n",
    b"-ERR no\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"RFB 003.008\n",
    b"\x5b\0\0\x01\x0a8.0.36\0",
    b"\x5b\0\0\0\x098.0.36\0",
    b"\x5b\0\0\0\x0aversion\0",
    b"\x5b\0\0\0\x0a8.0\x01\0",
    b"\x45\0\0\0\xff\x15\x04Access denied",
    b"\x15\x03\x01\0\x02\x02\x28",
];

/// Decided once, as `expected`, whatever the cut, and whatever follows.
#[track_caller]
fn check(sniffer: Sniffer, bytes: &[u8], expected: Sniff) {
    let mut decided = Sniff::NeedMore;
    for end in 0..=bytes.len() {
        let now = sniffer(&bytes[..end]);
        let holds = decided == Sniff::NeedMore || decided == now;
        assert!(holds, "{decided:?} became {now:?} at {end} of {}", bytes.escape_ascii());
        assert!(now == Sniff::NeedMore || now == expected, "{now:?}: {}", bytes.escape_ascii());
        decided = now;
    }
    assert_eq!(decided, expected, "{}", bytes.escape_ascii());
    for behind in [&[0; 40][..], &[0xff; 40], b"GET / HTTP/1.1\r\n"] {
        assert_eq!(sniffer(&[bytes, behind].concat()), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn nothing_is_called_by_a_wrong_name() {
    let clients = (CLIENTS, CLIENT_LOOK_ALIKES, sniff_stream as Sniffer);
    let servers = (SERVERS, SERVER_LOOK_ALIKES, sniff_greeting as Sniffer);
    for (named, look_alikes, sniffer) in [clients, servers] {
        for (protocol, bytes) in named {
            check(sniffer, bytes, Sniff::Is(*protocol));
        }
        for bytes in look_alikes {
            for behind in [&b""[..], &[0; 40], &[0xff; 40], b" / HTTP/1.1\r\n"] {
                let whole = [bytes, behind].concat();
                for end in 0..=whole.len() {
                    let told = sniffer(&whole[..end]);
                    assert!(!matches!(told, Sniff::Is(_)), "{told:?}: {}", whole.escape_ascii());
                }
                let told = sniffer(&whole);
                assert!(behind.is_empty() || told == Sniff::Unknown, "{}", whole.escape_ascii());
            }
        }
    }
}

/// One bit anywhere: it is what it was or nothing, but for words that are other protocols' then.
#[test]
fn what_is_nearly_a_protocol_is_no_other_one() {
    let related = |one: Protocol, other: Protocol| {
        use Protocol::*;
        one == other
            || matches!((one, other), (Stun, Turn) | (Turn, Stun) | (Http2, Http1) | (_, Http1))
    };
    for (samples, sniffer) in [(CLIENTS, sniff_stream as Sniffer), (SERVERS, sniff_greeting)] {
        for (protocol, bytes) in samples {
            for at in 0..bytes.len() {
                for bit in 0..8 {
                    let mut changed = bytes.to_vec();
                    changed[at] ^= 1 << bit;
                    if let Sniff::Is(told) = sniffer(&changed) {
                        let shown = changed.escape_ascii();
                        assert!(related(*protocol, told), "{protocol:?} as {told:?}: {shown}");
                    }
                }
            }
        }
    }
}

/// A generator of 64 bits (splitmix64), the same in every run.
struct Dice(u64);

impl Dice {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let word = |dice: &mut Self| {
            dice.0 = dice.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = dice.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)).to_le_bytes()
        };
        let words = (0..count.div_ceil(8)).flat_map(|_| word(self));
        words.take(count).collect()
    }
}

#[test]
fn random_bytes_are_nothing() {
    let mut dice = Dice(1);
    for _ in 0..20_000 {
        let bytes = dice.bytes(64);
        for sniffer in [sniff_stream as Sniffer, sniff_greeting] {
            let last = sniffer(&bytes);
            assert!(!matches!(last, Sniff::Is(_)), "{last:?}: {}", bytes.escape_ascii());
            for end in 0..bytes.len() {
                let told = sniffer(&bytes[..end]);
                assert!(told == Sniff::NeedMore || told == last, "{}", bytes.escape_ascii());
            }
        }
        let datagram = sniff_datagram(&bytes);
        let is_left_to_rtp = bytes[0] & 0xc0 == 0x80;
        let fits = match datagram {
            None => true,
            Some(Protocol::Rtp) => is_left_to_rtp,
            Some(_) => false,
        };
        assert!(fits, "{datagram:?}: {}", bytes.escape_ascii());
    }
}

/// Datagrams come whole: cut anywhere they are what they were or nothing.
#[test]
fn datagrams_that_are_cut_are_no_other_ones() {
    use Protocol::*;
    let dtls = [&[22, 0xfe, 0xfd][..], &[0; 8], &[0, 3, 1, 2, 3]].concat();
    let quic = [&[0xc3, 0, 0, 0, 1, 8][..], &[7; 30]].concat();
    let quic2 = [&[0xd3, 0x6b, 0x33, 0x43, 0xcf, 8][..], &[7; 30]].concat();
    let rtp_extension = b"\x90\x60\0\x01\0\0\0\x01\0\0\0\x01\xbe\xde\0\x01\x10\xff\0\0payload";
    let rtp_padding = b"\xa0\x60\0\x01\0\0\0\x01\0\0\0\x01payload\0\0\x03";
    for (protocol, bytes) in [
        (BitTorrent, &b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"[..]),
        (BitTorrent, b"d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re"),
        (Dns, b"\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"),
        (Dtls, &dtls),
        (Quic, &quic),
        (Quic, &quic2),
        (Rtcp, b"\x80\xc8\0\x01\0\0\0\x01"),
        (Rtp, b"\x80\x60\0\x01\0\0\0\x01\0\0\0\x01payload"),
        (Rtp, b"\x80\0\0\x01\0\0\0\x01\0\0\0\x01payload"),
        (Rtp, rtp_extension),
        (Rtp, rtp_padding),
        (Stun, b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl"),
        (Turn, b"\0\x03\0\0\x21\x12\xa4\x42abcdefghijkl"),
        (Turn, b"\x40\0\0\x02ab"),
    ] {
        assert_eq!(sniff_datagram(bytes), Some(protocol), "{}", bytes.escape_ascii());
        for end in 0..bytes.len() {
            let told = sniff_datagram(&bytes[..end]);
            assert!(told.is_none_or(|told| told == protocol), "{told:?} at {end}: {protocol:?}");
        }
    }
    for look_alike in [
        &b"\x80\x48\0\x01\0\0\0\x01\0\0\0\x01payload"[..],
        b"\x90\x60\0\x01\0\0\0\x01\0\0\0\x01\xbe\xde\0\x09\x10\xff\0\0",
        b"\xa0\x60\0\x01\0\0\0\x01\0\0\0\x01pa\xff",
        b"d1:ad2:id20:abcdefghij",
        b"\x01\0\0\0wireguard handshake initiation",
        b"\x16\xfe\xfd\0",
    ] {
        assert_eq!(sniff_datagram(look_alike), None, "{}", look_alike.escape_ascii());
    }
}
