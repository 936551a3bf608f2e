//! The answer of an ICAP service: what is understood does not depend on how it comes in pieces,
//! and a message that is whole has one head and one end.

use bytes::Bytes;
use gateway_h1h2::icap::{Event, Exchange, IcapError, Modify, Service};
use gateway_h1h2::{BodySize, ResponseHead};

/// The first byte is how the message was offered and the length of the pieces, the rest is what
/// comes back.
pub fn icap_answer(data: &[u8]) {
    let Some((&setting, wire)) = data.split_first() else { return };
    let (events, error) = talk(setting & 3, [wire]);
    let (in_pieces, broken) = talk(setting & 3, wire.chunks(usize::from(setting >> 2) + 1));
    if error.is_none() {
        assert_eq!((&in_pieces, &broken), (&events, &None), "in pieces");
    }
    let heads = events.iter().filter(|e| matches!(e, Event::Request(_) | Event::Response(_)));
    let ends = events.iter().filter(|e| matches!(e, Event::End | Event::Original(_)));
    assert!(heads.count() <= 1 && ends.count() <= 1);
}

/// What was understood, pieces of a body joined.
fn talk<'a>(
    offered: u8,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Option<IcapError>) {
    let Ok(service) = Service::parse("icap://icap.test/x") else { return (Vec::new(), None) };
    let mut modify = Modify::default();
    modify.preview = (offered & 1 == 1).then_some(2);
    modify.allow_204 = offered & 2 == 2;
    modify.allow_206 = true;
    let mut head = ResponseHead::new(http::StatusCode::OK);
    head.body = BodySize::Length(4);
    let mut exchange = Exchange::respmod(&service, &modify, None, &head);
    exchange.push(Bytes::from_static(b"body"));
    exchange.finish();
    let error = pieces.into_iter().find_map(|piece| exchange.receive(piece).err());
    let mut events: Vec<Event> = Vec::new();
    while let Some(event) = exchange.poll_event() {
        match (events.last_mut(), event) {
            (Some(Event::Data(last)), Event::Data(next)) => {
                *last = [&last[..], &next[..]].concat().into()
            }
            (_, event) => events.push(event),
        }
    }
    (events, error)
}
