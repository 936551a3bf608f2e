//! A stream that is slow takes nothing from the others, counted in turns and bytes.

use super::*;

const WINDOW: usize = 64 * 1024;
const STREAMS: usize = 100;
const BODY: usize = 4 * WINDOW;

/// How a reader of one of the streams behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// It takes all at once.
    Quick,
    /// It takes nothing at all.
    Stuck,
    /// It takes 100 bytes in each turn.
    Slow,
}

/// A link that carries so many bytes in each turn and direction.
const LINK_BYTES: usize = 64 * 1024;

struct Link {
    from: Vec<u8>,
}

impl Link {
    fn carry(&mut self, from: &mut Connection, to: &mut Connection) -> usize {
        let mut output = Vec::new();
        while self.from.len() < LINK_BYTES && from.poll_output(&mut output) > 0 {
            self.from.extend(std::mem::take(&mut output).concat());
        }
        let bytes: Vec<u8> = self.from.drain(..self.from.len().min(LINK_BYTES)).collect();
        let carried = bytes.len();
        to.receive(bytes.into());
        carried
    }
}

/// How many turns it takes until all streams but the first have come to their end, and how many
/// bytes the link carried in them. Bodies go from the server to the client, or the other way.
fn turns(reader: Reader, down: bool) -> (usize, usize) {
    let mut pair = Pair::new(usize::MAX);
    for _ in 0..STREAMS {
        let method = if down { Method::GET } else { Method::POST };
        let mut head = request(method, "/");
        head.body = if down { BodySize::Empty } else { BodySize::Unknown };
        let stream = pair.ask([Event::RequestHead(Box::new(head))]);
        if down {
            pair.client.send(stream, Event::End).expect("the end");
            let head = Event::ResponseHead(Box::new(response(200, BodySize::Unknown)));
            pair.server.send(on_wire(stream), head).expect("a head");
        }
    }
    pair.run();
    let (mut sender, mut receiver) = match down {
        true => (pair.server, pair.client),
        false => (pair.client, pair.server),
    };
    let id = |number: usize| match down {
        true => StreamId::new(2 * number as u64 + 1),
        false => StreamId::new(number as u64),
    };
    let mut left = [BODY; STREAMS];
    let (mut forth, mut back) = (Link { from: Vec::new() }, Link { from: Vec::new() });
    let (mut ended, mut carried, mut owed) = (0, 0, 0);
    for turn in 1..10_000 {
        for (number, left) in left.iter_mut().enumerate() {
            while *left > 0 && sender.wants_data(id(number)) {
                let bytes = (*left).min(8_192);
                sender.send(id(number), Event::Data(vec![0; bytes].into())).expect("a body");
                *left -= bytes;
                if *left == 0 {
                    sender.send(id(number), Event::End).expect("the end");
                }
            }
        }
        carried += forth.carry(&mut sender, &mut receiver);
        while let Some((stream, event)) = receiver.poll_event().expect("in order") {
            let first = stream.number() == if down { 0 } else { 1 };
            match event {
                Event::Data(data) if first && reader != Reader::Quick => owed += data.len(),
                Event::Data(data) => receiver.credit(stream, data.len() as u64),
                Event::End if !first => ended += 1,
                _ => {}
            }
        }
        if reader == Reader::Slow && owed >= 100 {
            owed -= 100;
            receiver.credit(StreamId::new(if down { 0 } else { 1 }), 100);
        }
        back.carry(&mut receiver, &mut sender);
        assert_eq!(sender.poll_event(), Ok(None));
        if ended == STREAMS - 1 {
            return (turn, carried);
        }
    }
    panic!("the other streams do not come to their ends");
}

#[test]
fn one_slow_stream_of_100_slows_the_others_by_less_than_5_percent() {
    for down in [true, false] {
        let (alone, bytes) = turns(Reader::Quick, down);
        // The link is what limits: all bytes of all bodies went over it.
        assert!(bytes >= (STREAMS - 1) * BODY && bytes <= alone * LINK_BYTES);
        for reader in [Reader::Stuck, Reader::Slow] {
            let (turns, _) = turns(reader, down);
            assert!(turns * 100 <= alone * 105, "{reader:?}: {turns} turns, {alone} without");
        }
    }
}

#[test]
fn ten_thousand_requests_at_the_limit_of_streams_never_stop() {
    // As many as may be at a time, each with a body both ways that is larger than its window.
    let mut pair = Pair::new(usize::MAX);
    let (mut asked, mut answered) = (0, 0);
    let body = Bytes::from(vec![0; 80_000]);
    while answered < 10_000 {
        while pair.client.can_open() && asked < 10_000 {
            let mut head = request(Method::POST, "/");
            head.body = BodySize::Length(body.len() as u64);
            let stream = pair.client.open();
            for event in [Event::RequestHead(Box::new(head)), Event::Data(body.clone()), Event::End]
            {
                pair.client.send(stream, event).expect("a request");
            }
            asked += 1;
        }
        let before = answered;
        let mut bytes = Vec::new();
        pair.client.poll_output(&mut bytes);
        bytes.drain(..).for_each(|bytes| pair.server.receive(bytes));
        while let Some((stream, event)) = pair.server.poll_event().expect("requests") {
            match event {
                Event::Data(data) => pair.server.credit(stream, data.len() as u64),
                Event::End => {
                    let head = response(200, BodySize::Length(body.len() as u64));
                    let head = Event::ResponseHead(Box::new(head));
                    for event in [head, Event::Data(body.clone()), Event::End] {
                        pair.server.send(stream, event).expect("a response");
                    }
                }
                _ => {}
            }
        }
        let mut moved = pair.server.poll_output(&mut bytes);
        bytes.drain(..).for_each(|bytes| pair.client.receive(bytes));
        while let Some((stream, event)) = pair.client.poll_event().expect("responses") {
            match event {
                Event::Data(data) => pair.client.credit(stream, data.len() as u64),
                Event::End => answered += 1,
                _ => {}
            }
            moved += 1;
        }
        let more = pair.client.output_bytes() + pair.server.output_bytes();
        assert!(
            moved > 0
                || more > 0
                || answered > before
                || pair.client.pending(StreamId::new(asked - 1)) > 0
        );
    }
    assert_eq!(asked, answered);
}
