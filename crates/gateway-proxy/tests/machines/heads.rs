//! What heads say is looked at for data loss where settings have it so, before anything of them leaves.

use std::sync::Arc;

use gateway_log::Action as Done;
use gateway_proxy::{HeadScan, Policy, ScannedFields};
use gateway_rules::{Action, Layer, Otherwise, Rule};

use crate::scene::{GET, OK, Scene, policy, text};
use crate::websockets::{AGREED, OFFER, at_origin, up};

const UPLOAD: &str = r#"any(dlp.upload.profiles[*] == "words")"#;

fn looking(action: Action, filter: &str, url: bool, fields: &[&str]) -> Arc<Policy> {
    policy(vec![Rule::new("words", Layer::Http, action, filter)], |settings| {
        let named = fields.iter().filter(|name| **name != "*").map(ToString::to_string).collect();
        let fields = ScannedFields { all: fields.contains(&"*"), named };
        settings.head_scan = HeadScan { url, fields };
        settings.matches.shown_max = 1;
    })
}

fn get(target: &str, fields: &str) -> String {
    format!("GET http://a.test{target} HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n")
}

#[test]
fn a_url_or_a_field_refuses_where_it_is_looked_at() {
    for (target, fields, part, url, named) in [
        ("/x?q=SECRET", "", "url:query", true, &[][..]),
        ("/x?q=a+%53ECRET", "", "url:query", true, &[]),
        ("/x/SECRET/y", "", "url:path", true, &[]),
        ("/x", "Referer: SECRET\r\n", "header:referer", false, &["*"]),
        ("/x", "X-Note: a SECRET\r\n", "header:x-note", false, &["x-note"]),
        ("/x", "Cookie: a=SECRET\r\n", "header:cookie", false, &["*", "cookie"]),
        // Nobody asked for these.
        ("/x?q=SECRET", "", "", false, &["*"]),
        ("/x", "X-Note: SECRET\r\n", "", true, &["referer"]),
        ("/x", "Cookie: a=SECRET\r\n", "", true, &["*"]),
    ] {
        for action in [Action::Block, Action::Redact(Otherwise::Block)] {
            let mut scene = Scene::new(looking(action, UPLOAD, url, named));
            scene.client(get(target, fields));
            let is_refused = !part.is_empty();
            let answer = scene.at_client();
            assert_eq!(answer.starts_with("HTTP/1.1 403 "), is_refused, "{target} {fields}");
            assert_eq!(scene.at_origin().contains("SECRET"), !is_refused, "{target} {fields}");
            if !is_refused {
                scene.origin(OK);
            }
            let record = scene.requests()[0];
            let done = if is_refused { Done::Block } else { Done::Allow };
            assert_eq!(record.decision.action, Some(done), "{target} {fields}");
            let found = record.inspection.upload_dlp.matches.first();
            let place = found.map_or(String::new(), |found| text(&found.part).to_owned());
            assert!(place.starts_with(part), "{place} of {target} {fields}");
        }
    }
}

#[test]
fn what_is_in_the_head_and_in_the_body_counts_together() {
    let filter = "dlp.upload.count == 2";
    let request =
        "POST http://a.test/?SECRET HTTP/1.1\r\nHost: a.test\r\nContent-Length: 8\r\n\r\n";
    for (body, refused) in [("a SECRET", true), ("a public", false)] {
        let mut scene = Scene::new(looking(Action::Block, filter, true, &[]));
        scene.client(request);
        scene.client(body);
        assert_eq!(scene.at_client().starts_with("HTTP/1.1 403 "), refused, "{body}");
        assert_eq!(scene.at_origin().ends_with(body), !refused, "{body}");
    }
}

#[test]
fn a_rule_that_is_logged_holds_nothing_and_counts() {
    let rule = Rule::new("words", Layer::Http, Action::Block, UPLOAD).log_only();
    let policy = policy(vec![rule], |settings| settings.head_scan.url = true);
    let mut scene = Scene::new(policy);
    scene.client(get("/x?SECRET", ""));
    assert!(scene.at_origin().contains("SECRET"));
    scene.origin(OK);
    assert_eq!(scene.requests()[0].inspection.upload_dlp.counts[0].count, 1);
}

#[test]
fn fields_of_answers_are_looked_at_before_they_leave() {
    let filter = r#"any(dlp.download.profiles[*] == "words")"#;
    let mut scene = Scene::new(looking(Action::Block, filter, true, &["*"]));
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nX-Note: SECRET\r\nContent-Length: 2\r\n\r\nok");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{}", scene.at_client());
}

#[test]
fn an_offer_of_websocket_is_looked_at_before_it_leaves() {
    let offer = OFFER.replacen("\r\n\r\n", "\r\nX-Note: SECRET\r\n\r\n", 1);
    let mut scene = Scene::new(looking(Action::Block, UPLOAD, false, &["x-note"]));
    scene.client(&offer);
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{}", scene.at_client());
    assert_eq!(scene.at_origin(), "");

    // What its head shows counts in its messages.
    let filter = "dlp.upload.count == 2";
    let mut scene = Scene::new(looking(Action::Block, filter, false, &["x-note"]));
    scene.client(&offer);
    scene.origin(format!("{AGREED}\r\n"));
    at_origin(&mut scene);
    scene.client(up(0x81, "SECRET"));
    assert!(at_origin(&mut scene).starts_with(&[0x88]), "closed");
}
