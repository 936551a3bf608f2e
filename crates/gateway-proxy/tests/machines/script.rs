//! Scripts of what may happen to a session, for the laws of the machines: what they are made of, how one
//! is played, and all that it has led to.

use std::time::Duration;

use gateway_proxy::transaction::Leg;
use gateway_proxy::{AdaptReport, Input, Wire};
use proptest::prelude::*;

use crate::adapters::says;
use crate::scene::{Reached, Scene};

/// What happens in a scene, one after the other.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Client(Vec<u8>),
    /// The origin that was dialled last; nothing happens if there is none.
    Origin(Vec<u8>),
    ClientEnds,
    OriginEnds,
    OriginGone,
    /// So many milliseconds pass.
    Wait(u64),
    Superseded,
    Drain,
    /// A service says something of a message.
    Service(Leg, AdaptReport),
}

/// One of `texts`, `whole` times of `whole + 1` in full, else cut off somewhere.
pub(crate) fn texts(texts: &'static [&'static [u8]], whole: u8) -> impl Strategy<Value = Vec<u8>> {
    (proptest::sample::select(texts), any::<prop::sample::Index>(), 0..=whole).prop_map(
        |(text, cut, whole)| {
            let end = if whole > 0 { text.len() } else { cut.index(text.len() + 1) };
            text[..end].to_vec()
        },
    )
}

/// Plays events in a new `scene`; bytes come in pieces of `piece` bytes.
pub(crate) fn play(mut scene: Scene, events: &[Event], piece: usize) -> Scene {
    scene.reached = vec![Reached::New, Reached::Reused, Reached::New];
    for event in events {
        let origin = scene.to_origin.last_key_value().map(|(id, _)| Wire::Origin(*id));
        match (event, origin) {
            (Event::Client(bytes), _) => bytes.chunks(piece).for_each(|b| scene.client(b)),
            (Event::Origin(bytes), Some(_)) => bytes.chunks(piece).for_each(|b| scene.origin(b)),
            (Event::ClientEnds, _) => scene.give(Input::End(Wire::Client)),
            (Event::OriginEnds, Some(origin)) => scene.give(Input::End(origin)),
            (Event::OriginGone, Some(origin)) => scene.give(Input::Gone(origin)),
            (Event::Wait(ms), _) => scene.after(Duration::from_millis(*ms)),
            (Event::Superseded, _) => scene.give(Input::Superseded),
            (Event::Drain, _) => scene.give(Input::Drain),
            (Event::Service(leg, report), _) => says(&mut scene, *leg, report.clone()),
            (Event::Origin(_) | Event::OriginEnds | Event::OriginGone, None) => {}
        }
    }
    scene
}

/// Everything that has come of it.
pub(crate) fn told(scene: &Scene) -> String {
    let origins: Vec<_> = scene.to_origin.values().map(|b| String::from_utf8_lossy(b)).collect();
    let (client, log) = (scene.at_client(), scene.log());
    format!("{client:?}\n{origins:?}\n{log}\n{:?}\n{:?}", scene.asked, scene.adapted)
}
