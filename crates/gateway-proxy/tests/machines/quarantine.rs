//! Bodies that rules have kept aside: taken in to their end before anybody hears of it, as long as nothing has
//! left; handed over with the one record, however it ends.

use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::{HoldPolicy, Profile};
use gateway_log::{Action as Done, CloseReason, Direction, QuarantineOutcome};
use gateway_proxy::{Extent, Input, Policy, Quarantined, Scanner, Wire};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{GET, OK, Scene, Secrets, policy, post, text};

const UPLOADS: &str = r#"any(dlp.upload.profiles[*] == "words")"#;
const DOWNLOADS: &str = r#"any(dlp.download.profiles[*] == "words")"#;

/// Keeps bodies aside for which `filter` holds; bodies are held as `hold` says.
fn keeping(filter: &str, hold: HoldPolicy, bytes_max: u64) -> Arc<Policy> {
    let rule = Rule::new("aside", Layer::Http, Action::Quarantine, filter);
    let mut policy = (*policy(vec![rule], |settings| {
        settings.quarantine_bytes_max = bytes_max;
        settings.limits.inspect.held_bytes_max = 64;
        settings.limits.inspect.hold_ms_max = 1_000;
    }))
    .clone();
    let examiner = Arc::new(Secrets::of(Profile::new("words")));
    policy.scanners = vec![Scanner { name: "dlp", examiner, hold }];
    Arc::new(policy)
}

fn only(scene: &Scene) -> &Quarantined {
    let [kept] = &scene.quarantined[..] else { panic!("{:?}", scene.quarantined) };
    assert!(scene.requests().is_empty(), "the record is in it");
    kept
}

fn body(kept: &Quarantined) -> String {
    String::from_utf8(kept.pieces.concat()).unwrap()
}

#[test]
fn a_download_is_taken_in_to_its_end() {
    let mut scene = Scene::new(keeping(DOWNLOADS, HoldPolicy::Whole, 64));
    scene.client(GET);
    scene.origin(
        "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Encoding: identity\r\n\
         Content-Length: 20\r\n\r\nab SECRET",
    );
    assert_eq!(scene.at_client(), "", "it is refused, and nobody hears of it yet");
    scene.origin(" more");
    assert_eq!(scene.at_client(), "");
    scene.origin(" to it");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"), "{}", scene.at_client());
    let kept = only(&scene);
    assert_eq!(body(kept), "ab SECRET more to it");
    assert_eq!((kept.from, kept.extent), (0, Extent::Whole));
    assert_eq!((kept.direction, &kept.content_type[..]), (Direction::Download, &b"text/x"[..]));
    let record = kept.clone().stored("name", "digest");
    assert_eq!(record.decision.action, Some(Done::Quarantine));
    assert_eq!(text(&record.decision.policy_id), "aside");
    let quarantine = &record.inspection.quarantine;
    assert_eq!(quarantine.outcome, Some(QuarantineOutcome::Stored));
    assert_eq!((quarantine.bytes, quarantine.partial), (Some(20), Some(false)));
    assert_eq!((text(&quarantine.id), text(&quarantine.sha256)), ("name", "digest"));
    let failed = kept.clone().failed("full");
    assert_eq!(failed.inspection.quarantine.outcome, Some(QuarantineOutcome::Failed));
    assert_eq!(text(&failed.inspection.quarantine.detail), "full");
    assert!(!format!("{kept:?}").contains("SECRET"), "no content is shown");
}

#[test]
fn an_upload_is_taken_in_to_its_end_and_reaches_nobody() {
    for cut in [1, 5, 9, 100] {
        let mut scene = Scene::new(keeping(UPLOADS, HoldPolicy::Whole, 64));
        for piece in post("ab SECRET more").as_bytes().chunks(cut) {
            assert_eq!(scene.at_client(), "");
            scene.client(piece);
        }
        assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
        assert_eq!(scene.at_origin(), "");
        let kept = only(&scene);
        assert_eq!((body(kept).as_str(), kept.extent), ("ab SECRET more", Extent::Whole));
        assert_eq!(kept.direction, Direction::Upload);
    }
}

/// The end never comes, for whatever reason: what is there is kept, and the client is refused.
#[test]
fn what_does_not_come_to_its_end_is_kept_in_part() {
    type End = fn(&mut Scene);
    let ends: [(&str, End); 4] = [
        ("the origin breaks off", |scene| {
            let origin = scene.last_origin();
            scene.give(Input::Gone(Wire::Origin(origin)));
        }),
        ("it is held too long", |scene| scene.after(Duration::from_millis(1_000))),
        ("it is more than may be held", |scene| scene.origin("x".repeat(60))),
        ("the session is ended", |scene| scene.give(Input::Abort(CloseReason::Unknown))),
    ];
    for (why, end) in ends {
        let mut scene = Scene::new(keeping(DOWNLOADS, HoldPolicy::Whole, 100));
        scene.client(GET);
        scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab SECRET");
        assert_eq!((scene.at_client().as_str(), scene.quarantined.len()), ("", 0), "{why}");
        end(&mut scene);
        let kept = only(&scene);
        assert!(body(kept).starts_with("ab SECRET"), "{why}");
        assert_eq!((kept.from, kept.extent), (0, Extent::Part), "{why}");
        assert_eq!(kept.record.decision.action, Some(Done::Quarantine), "{why}");
        let sent = scene.at_client();
        assert!(sent.is_empty() || sent.starts_with("HTTP/1.1 403 "), "{why}: {sent}");
        assert!(!sent.contains("SECRET"), "{why}");
    }
    // The client gives up.
    let mut scene = Scene::new(keeping(UPLOADS, HoldPolicy::Whole, 64));
    let request = post("ab SECRET more");
    scene.client(&request[..request.len() - 5]);
    scene.give(Input::Gone(Wire::Client));
    assert_eq!(body(only(&scene)), "ab SECRET");
    assert_eq!(only(&scene).record.decision.action, Some(Done::Quarantine));
    assert_eq!(scene.at_origin(), "");
}

#[test]
fn a_body_that_has_begun_to_leave_ends_at_once() {
    let first = "ab cd ef gh ij kl mn op ";
    let mut scene = Scene::new(keeping(DOWNLOADS, HoldPolicy::Pass, 64));
    scene.client(GET);
    scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{first}"));
    let begun = scene.at_client();
    assert!(begun.ends_with(&format!("\r\n\r\n{first}")), "{begun}");
    scene.origin("SECRET");
    assert_eq!(scene.at_client(), begun, "it is cut");
    let kept = only(&scene);
    assert_eq!((body(kept).as_str(), kept.from, kept.extent), ("SECRET", 24, Extent::Part));
    assert_eq!(kept.record.bytes.released_before_block, Some(24));
}

#[test]
fn what_cannot_be_kept_is_refused_and_said() {
    let long = "SECRET".to_owned() + &"x".repeat(40);
    for (filter, bytes_max, request, why) in [
        (UPLOADS, 0, post("ab SECRET"), "no_store"),
        (UPLOADS, 32, post(&long), "too_large"),
        (r#"http.request.uri.path == "/x""#, 64, post("ab SECRET"), "no_body"),
        (r#"http.request.uri.path == "/x""#, 64, GET.to_owned(), "no_body"),
    ] {
        let mut scene = Scene::new(keeping(filter, HoldPolicy::Whole, bytes_max));
        scene.client(request);
        assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{why}: {}", scene.at_client());
        assert!(scene.quarantined.is_empty(), "{why}");
        let [record] = scene.requests()[..] else { panic!("{why}") };
        assert_eq!(record.decision.action, Some(Done::Quarantine), "{why}");
        assert_eq!(record.inspection.quarantine.outcome, Some(QuarantineOutcome::Failed));
        assert_eq!(text(&record.inspection.quarantine.detail), why);
    }
}

#[test]
fn what_is_in_order_is_not_kept() {
    let mut scene = Scene::new(keeping(DOWNLOADS, HoldPolicy::Whole, 64));
    scene.client(GET);
    scene.origin(OK);
    assert!(scene.at_client().ends_with("\r\n\r\nok"));
    assert!(scene.quarantined.is_empty());
    assert!(scene.requests()[0].inspection.quarantine.is_unknown());
}
