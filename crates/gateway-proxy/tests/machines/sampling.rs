//! Bodies that no rule wants looked into, and of which one in so many is all the same: nothing is held or
//! changed for it, and the record tells.

use gateway_log::Action as Done;
use gateway_proxy::{Input, Wire};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{GET, Scene, policy, post, rules};
use crate::websockets::{at_origin, only_record, open, up};

fn scene(rules: Vec<Rule>, one_in: u32) -> Scene {
    Scene::new(policy(rules, |settings| settings.dlp_sample_one_in = one_in))
}

#[test]
fn a_sample_passes_at_once_and_is_told() {
    for one_in in [0, 1] {
        let mut scene = scene(Vec::new(), one_in);
        let request = post("a SECRET");
        let (first, last) = request.split_at(request.len() - 3);
        scene.client(first);
        assert!(scene.at_origin().ends_with("\r\n\r\na SEC"), "nothing is held");
        scene.client(last);
        scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nSECRET SECRET");
        assert!(scene.at_client().ends_with("SECRET SECRET"));
        let record = scene.requests()[0];
        assert_eq!(record.decision.action, Some(Done::Allow));
        let inspection = &record.inspection;
        assert_eq!(inspection.dlp_sampled, (one_in == 1).then_some(true));
        let count = |counts: &[gateway_log::DlpProfileMatch]| counts.first().map(|it| it.count);
        let expected = if one_in == 1 { [Some(1), Some(2)] } else { [None, None] };
        let found = [count(&inspection.upload_dlp.counts), count(&inspection.download_dlp.counts)];
        assert_eq!(found, expected);
    }
}

#[test]
fn what_rules_want_is_no_sample() {
    let mut scene = scene(rules(), 1);
    scene.client(post("a SECRET"));
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "));
    assert_eq!(scene.requests()[0].inspection.dlp_sampled, None);
}

/// Where a rule has spoken before its bodies come, these still are a sample to their end.
#[test]
fn rules_that_are_settled_do_not_end_it() {
    let allow = Rule::new("all", Layer::Http, Action::Allow, "true");
    let mut scene = scene(vec![allow], 1);
    scene.client(post("SECRET and SECRET"));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(scene.requests()[0].inspection.upload_dlp.counts[0].count, 2);
}

#[test]
fn one_in_so_many_is_taken() {
    let mut scene = scene(Vec::new(), 4);
    let requests = 400;
    for _ in 0..requests {
        scene.client(GET);
        scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nSECRET");
    }
    let taken = |record: &&gateway_log::Record| record.inspection.dlp_sampled == Some(true);
    let sampled = scene.requests().into_iter().filter(taken).count();
    assert!((50..=150).contains(&sampled), "{sampled} of {requests}");
}

#[test]
fn messages_are_a_sample_too() {
    let policy = policy(Vec::new(), |settings| settings.dlp_sample_one_in = 1);
    let mut scene = open(policy, "");
    scene.client(up(0x81, "a SECRET"));
    scene.client(up(0x01, "SEC"));
    assert_eq!(at_origin(&mut scene), [up(0x81, "a SECRET"), up(0x01, "SEC")].concat());
    scene.client(up(0x80, "RET"));
    scene.give(Input::Gone(Wire::Client));
    let record = only_record(&scene);
    assert_eq!(record.inspection.dlp_sampled, Some(true));
    assert_eq!(record.inspection.upload_dlp.counts[0].count, 2);
}
