//! What clients offer the ICAP service: it does not depend on how it comes in pieces, a body ends once,
//! and what makes no sense ends the connection.

use bytes::Bytes;
use gateway_h1h2::BodySize;
use gateway_h1h2::icap::{About, Ask, Head, IcapError, Said, Server};

/// The first byte says what becomes of messages and the length of the pieces, the rest is what comes.
pub fn icap_offer(data: &[u8]) {
    let Some((&setting, wire)) = data.split_first() else { return };
    let (asks, fault) = talk(setting & 3, [wire]);
    let (in_pieces, broken) = talk(setting & 3, wire.chunks(usize::from(setting >> 2) + 1));
    assert_eq!(broken.is_some(), fault.is_some(), "in pieces");
    if fault.is_none() {
        assert_eq!(in_pieces, asks, "in pieces");
    }
}

/// What was asked, pieces of a body joined.
fn talk<'a>(
    setting: u8,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Ask>, Option<IcapError>) {
    let mut server = Server::new();
    let (mut asks, mut is_open): (Vec<Ask>, bool) = (Vec::new(), false);
    for piece in pieces {
        server.receive(piece);
        while let Some(ask) = server.poll() {
            match &ask {
                Ask::Options(_) => server.options(&About::default(), &Said::new("\"\r\n")),
                Ask::Message(message) => {
                    assert!(!is_open && (message.request.is_some() || message.response.is_some()));
                    is_open = true;
                }
                Ask::Data(bytes) => assert!(is_open && !bytes.is_empty()),
                Ask::Preview => {
                    assert!(is_open && server.may_leave_unmodified());
                    if setting & 1 == 1 {
                        server.go_on();
                    } else {
                        is_open = false;
                        server.unmodified(&Said::default());
                    }
                }
                Ask::End => {
                    assert!(is_open);
                    is_open = false;
                    if server.may_leave_unmodified() && setting & 2 == 2 {
                        server.unmodified(&Said::default());
                    } else {
                        server.begin(
                            &Said::new("t").found("a;\r\nb"),
                            Head::Original,
                            BodySize::Unknown,
                        );
                        server.push(Bytes::from_static(b"x"));
                        server.finish(BodySize::Unknown);
                    }
                }
                _ => {}
            }
            match (asks.last_mut(), ask) {
                (Some(Ask::Data(last)), Ask::Data(next)) => {
                    *last = [&last[..], &next[..]].concat().into();
                }
                (_, ask) => asks.push(ask),
            }
        }
        while server.poll_output().is_some() {}
    }
    assert!(server.fault().is_none() || server.is_over());
    (asks, server.fault().cloned())
}
