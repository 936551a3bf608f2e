//! The laws of the machines over HTTP/2: the same inputs give the same events and records, and
//! every flow has exactly one record.

use bytes::Bytes;
use gateway_h1h2::{BodySize, Event, ResetReason, StreamId, Version};
use gateway_log::CloseReason;
use gateway_proxy::{Input, Wire};
use http::Method;
use proptest::prelude::*;

use crate::peers::{Peers, request, response, trailers};
use crate::scene::Scene;

/// What happens, one after the other; indices choose among the streams there are.
#[derive(Clone, Debug)]
enum Step {
    Get(&'static str),
    Post,
    Send(usize, &'static str),
    End(usize),
    Leave(usize),
    Answer(usize, &'static str),
    AnswerLong(usize, &'static str),
    Refuse(usize),
    OriginLeaves,
    OriginGone,
    Wait(u64),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let index = 0..8usize;
    let text = prop::sample::select(vec!["hello", "a SECRET", "SECR", ""]);
    prop_oneof![
        4 => prop::sample::select(vec!["/x", "/blocked", "/moved"]).prop_map(Step::Get),
        3 => Just(Step::Post),
        3 => (index.clone(), text.clone()).prop_map(|(i, t)| Step::Send(i, t)),
        3 => index.clone().prop_map(Step::End),
        1 => index.clone().prop_map(Step::Leave),
        5 => (index.clone(), text.clone()).prop_map(|(i, t)| Step::Answer(i, t)),
        3 => (index.clone(), text).prop_map(|(i, t)| Step::AnswerLong(i, t)),
        1 => index.prop_map(Step::Refuse),
        1 => Just(Step::OriginLeaves),
        1 => Just(Step::OriginGone),
        1 => (0..100_000u64).prop_map(Step::Wait),
        1 => Just(Step::Drain),
    ]
}

/// Plays steps; what a peer cannot send any more is left out.
fn play(steps: &[Step], client: Version, origin: Version) -> Peers {
    let mut peers = Peers::inside(Scene::usual(), client, origin);
    let mut streams: Vec<StreamId> = Vec::new();
    for step in steps {
        if peers.scene.session.is_done() {
            break;
        }
        take(&mut peers, &mut streams, step);
        peers.settle();
    }
    peers
}

fn take(peers: &mut Peers, streams: &mut Vec<StreamId>, step: &Step) {
    let own = |index: &usize| streams.get(*index).copied();
    match step {
        Step::Get(_) | Step::Post if !peers.client.codec.can_open() => {}
        Step::Get(path) => streams.push(peers.get(path)),
        Step::Post => streams.push(peers.ask(request(Method::POST, "/p", BodySize::Unknown))),
        Step::Send(index, text) => {
            let data = Event::Data(Bytes::from_static(text.as_bytes()));
            if let Some(stream) = own(index) {
                let _ = peers.client.codec.send(stream, data);
            }
        }
        Step::End(index) => {
            if let Some(stream) = own(index) {
                let _ = peers.client.codec.send(stream, Event::End);
            }
        }
        Step::Leave(index) => {
            if let Some(stream) = own(index) {
                let reset = Event::Reset(ResetReason::Cancelled);
                let _ = peers.client.codec.send(stream, reset);
            }
        }
        Step::Answer(index, text) => answer(peers, *index, response(200, text)),
        Step::AnswerLong(index, text) => {
            let mut events = response(200, text);
            if let Some(Event::ResponseHead(head)) = events.first_mut() {
                head.body = BodySize::Unknown;
            }
            events.insert(events.len() - 1, trailers("x-end", "1"));
            answer(peers, *index, events);
        }
        Step::Refuse(index) => answer(peers, *index, vec![Event::Retry]),
        Step::OriginLeaves => {
            if let Some(origin) = peers.origins.values_mut().next_back() {
                origin.codec.close_when_idle();
            }
        }
        Step::OriginGone => {
            if let Some((id, _)) = peers.origins.last_key_value() {
                let gone = Input::Gone(Wire::Origin(*id));
                peers.scene.give(gone);
            }
        }
        Step::Wait(ms) => peers.scene.after(std::time::Duration::from_millis(*ms)),
        Step::Drain => peers.scene.give(Input::Drain),
    }
}

fn answer(peers: &mut Peers, index: usize, events: Vec<Event>) {
    let count: usize = peers.origins.values().map(|origin| origin.requests().len()).sum();
    let Some(wanted) = count.checked_sub(1).map(|last| index.min(last)) else { return };
    let mut seen = 0;
    for origin in peers.origins.values_mut() {
        let asked: Vec<StreamId> = origin.requests().iter().map(|(stream, _)| *stream).collect();
        for stream in asked {
            if seen == wanted {
                for event in events {
                    let _ = origin.codec.send(stream, event);
                }
                return;
            }
            seen += 1;
        }
    }
}

fn told(peers: &Peers) -> String {
    let origins: Vec<_> = peers.origins.values().map(|origin| &origin.received).collect();
    format!(
        "{:?}\n{origins:?}\n{}\n{:?}",
        peers.client.received,
        peers.scene.log(),
        peers.scene.asked
    )
}

fn versions() -> impl Strategy<Value = (Version, Version)> {
    prop::sample::select(vec![
        (Version::Http2, Version::Http2),
        (Version::Http2, Version::Http11),
        (Version::Http11, Version::Http2),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_same_inputs_give_the_same_events_and_records(
        steps in prop::collection::vec(step(), 0..16),
        (client, origin) in versions(),
    ) {
        prop_assert_eq!(told(&play(&steps, client, origin)), told(&play(&steps, client, origin)));
    }

    #[test]
    fn any_prefix_and_an_abort_give_exactly_one_record_each(
        steps in prop::collection::vec(step(), 0..16),
        (client, origin) in versions(),
    ) {
        let mut peers = play(&steps, client, origin);
        peers.scene.give(Input::Abort(CloseReason::ClientClosed));
        prop_assert!(peers.scene.session.is_done());
        prop_assert_eq!(peers.scene.sessions(), 1);
        let mut ids: Vec<String> =
            peers.scene.requests().iter().map(|r| format!("{:?}", r.request_id)).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), count, "a request has two records");
        let asked = steps.iter().filter(|s| matches!(s, Step::Get(_) | Step::Post)).count();
        prop_assert!(count <= asked);
    }
}
