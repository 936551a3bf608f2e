//! What a rule has overwritten: the bytes of a finding and no others, before they leave; and what
//! becomes of what cannot be.

use std::sync::Arc;

use gateway_inspect::{HoldFrom, HoldPolicy, Profile};
use gateway_log::Action as Done;
use gateway_proxy::{Input, RefusedMessage, Scanner, WebSocketPolicy, Wire};
use gateway_rules::{Action, Layer, Otherwise, Rule};

use crate::scene::{GET, OK, Scene, Secrets, policy, rules};
use crate::websockets::{at_client, at_origin, down, only_record, open, up};

fn redact(otherwise: Otherwise) -> Vec<Rule> {
    let rule = |id, filter| Rule::new(id, Layer::Http, Action::Redact(otherwise), filter);
    vec![
        rule("up", r#"any(dlp.upload.profiles[*] == "words")"#),
        rule("down", r#"any(dlp.download.profiles[*] == "words")"#),
    ]
}

fn upload(fields: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\n{fields}Content-Length: {length}\r\n\r\n\
         {body}"
    )
}

/// What the origin gets of `body`, sent in pieces of `cut` bytes; with the record.
fn sent(rules: Vec<Rule>, fields: &str, body: &str, cut: usize) -> (String, Scene) {
    let mut scene = Scene::new(policy(rules, |_| {}));
    for piece in upload(fields, body).as_bytes().chunks(cut) {
        scene.client(piece);
        let out = scene.at_origin();
        assert!(!out.contains("SECRET"), "{out}");
    }
    let out = scene.at_origin();
    if !out.is_empty() {
        scene.origin(OK);
    }
    (out, scene)
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const MULTIPART: &str = "Content-Type: multipart/form-data; boundary=b\r\n";
const CARGO: &str = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";

#[test]
fn what_is_found_is_overwritten_where_it_stands() {
    let multipart = |text: &str| format!("{CARGO}{text}\r\n--b--\r\n");
    for (fields, body, expected, places) in [
        ("", "a SECRET b".to_owned(), "a ****** b".to_owned(), 1),
        ("", "SECRETSECRET and SECRET".into(), "************ and ******".into(), 3),
        // In a plainer form of the same bytes.
        (
            "",
            r#"{"a": "x\nSECRET \u0053ECRET"}"#.into(),
            r#"{"a": "x\n****** ***********"}"#.into(),
            2,
        ),
        ("", "<p>SEC<b>RET</b> SECRET</p>\n".into(), "<p>***<b>***</b> ******</p>\n".into(), 2),
        (FORM, "a=%53ECRET&b=SECRET+x".into(), "a=********&b=******+x".into(), 2),
        (MULTIPART, multipart("x\r\nSECRET"), multipart("x\r\n******"), 1),
    ] {
        for cut in [1, 2, 3, 7, 1 << 20] {
            let (out, scene) = sent(redact(Otherwise::Block), fields, &body, cut);
            assert!(out.ends_with(&format!("\r\n\r\n{expected}")), "{body} by {cut}: {out}");
            let record = scene.requests()[0];
            assert_eq!(record.decision.action, Some(Done::Redact));
            assert_eq!(record.decision.policy_id, "up".into());
            let counts = &record.inspection.upload_dlp.counts;
            assert_eq!(counts[0].redacted, places, "{body}: {counts:?}");
        }
    }
}

#[test]
fn what_cannot_be_overwritten_is_refused_or_passes_as_the_rule_says() {
    let base64 = "a U0VDUkVUIFNFQ1JFVCBTRUNSRVQgU0VDUkVU b";
    for (fields, body) in [
        ("", base64),
        ("Cache-Control: max-age=1, No-Transform\r\n", "a SECRET b"),
        // Raw bytes of a coding that nobody here knows.
        ("Content-Encoding: x-other\r\n", "a SECRET b"),
    ] {
        let (out, scene) = sent(redact(Otherwise::Block), fields, body, 1 << 20);
        assert_eq!(out, "", "{body}");
        assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
        let record = scene.requests()[0];
        assert_eq!(record.decision.action, Some(Done::Block));
        assert_eq!(record.decision.policy_id, "up".into());
        assert!(format!("{:?}", record.warnings).contains("not overwritten"));

        let mut scene = Scene::new(policy(redact(Otherwise::Allow), |_| {}));
        scene.client(upload(fields, body));
        assert!(scene.at_origin().ends_with(body), "{}", scene.at_client());
        scene.origin(OK);
        let record = scene.requests()[0];
        assert_eq!(record.decision.action, Some(Done::Allow));
        assert!(format!("{:?}", record.warnings).contains("not overwritten"));
    }
}

#[test]
fn answers_are_overwritten_and_promise_nothing_of_what_they_were() {
    let mut scene = Scene::new(policy(redact(Otherwise::Block), |_| {}));
    scene.client(GET);
    let head = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nRepr-Digest: y\r\nAccept-Ranges: bytes\r\n";
    scene.origin(format!("{head}Content-Length: 14\r\n\r\nab SEC"));
    assert!(scene.at_client().ends_with("\r\n\r\nab "), "{}", scene.at_client());
    scene.origin("RET cd ");
    scene.origin("e");
    let out = scene.at_client();
    assert!(out.ends_with("Content-Length: 14\r\n\r\nab ****** cd e"), "{out}");
    for gone in ["ETag", "Digest", "Ranges"] {
        assert!(!out.contains(gone), "{out}");
    }
    let record = scene.requests()[0];
    assert_eq!(record.inspection.download_dlp.counts[0].redacted, 1);
    assert_eq!(record.decision.policy_id, "down".into());
}

/// The rule above blocks; what is below has done its work until that is known.
#[test]
fn a_block_comes_before_and_may_come_later() {
    let block = |filter: &str| Rule::new("block", Layer::Http, Action::Block, filter);
    let rules = |filter| [vec![block(filter)], redact(Otherwise::Block)].concat();
    let mut scene = Scene::new(policy(rules("dlp.upload.count > 1"), |_| {}));
    let request = upload("", "a SECRET b SECRET c");
    let (first, rest) = request.split_at(request.len() - "SECRET c".len());
    scene.client(first);
    assert!(scene.at_origin().ends_with("\r\n\r\na ****** b "), "{}", scene.at_origin());
    scene.client(rest);
    assert!(scene.at_origin().ends_with("\r\n\r\na ****** b "), "{}", scene.at_origin());
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "));
    assert_eq!(scene.requests()[0].decision.policy_id, "block".into());

    let only = vec![redact(Otherwise::Block).remove(0).log_only()];
    let mut scene = Scene::new(policy(only, |_| {}));
    scene.client(upload("", "a SECRET b"));
    assert!(scene.at_origin().ends_with("a SECRET b"), "a rule that counts changes nothing");
}

/// The one rule for both directions is certain once the first body has matched; it is for the other one
/// all the same.
#[test]
fn a_rule_for_both_directions_is_for_both() {
    let filter = r#"any(dlp.profiles[*] == "words")"#;
    let rule = || vec![Rule::new("both", Layer::Http, Action::Redact(Otherwise::Block), filter)];
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nx SECRET";
    for body in ["a SECRET b", "a b"] {
        let mut scene = Scene::new(policy(rule(), |_| {}));
        scene.client(upload("", body));
        assert!(!scene.at_origin().contains("SECRET"), "{}", scene.at_origin());
        for byte in answer.as_bytes().chunks(1) {
            scene.origin(byte);
        }
        assert!(scene.at_client().ends_with("\r\n\r\nx ******"), "{}", scene.at_client());
        assert_eq!(scene.requests()[0].inspection.download_dlp.counts[0].redacted, 1);
    }
    let policy = policy(rule(), |settings| {
        settings.websocket = WebSocketPolicy::Rewrite(RefusedMessage::Drop);
    });
    let mut scene = open(policy, "");
    for _ in 0..2 {
        scene.client(up(0x81, "a SECRET b"));
        scene.origin(down(0x81, "c SECRET d"));
        assert_eq!(at_origin(&mut scene), up(0x81, "a ****** b"));
        assert_eq!(at_client(&mut scene), down(0x81, "c ****** d"));
    }
}

/// It ends no tier: others below it count, those of the other direction and those that block.
#[test]
fn a_rule_that_redacts_leaves_the_others_their_say() {
    let mut scene = Scene::new(policy(redact(Otherwise::Block), |_| {}));
    scene.client(upload("", "a SECRET b"));
    assert!(scene.at_origin().ends_with("a ****** b"));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nSEC");
    scene.origin("RET");
    assert!(scene.at_client().ends_with("\r\n\r\n******"), "{}", scene.at_client());
    let record = scene.requests()[0];
    assert_eq!(record.decision.actions, [Done::Redact, Done::Redact]);

    let below = Rule::new("block", Layer::Http, Action::Block, "http.response.status_code == 418");
    let rules = [redact(Otherwise::Block), vec![below]].concat();
    let mut scene = Scene::new(policy(rules, |_| {}));
    scene.client(upload("", "a SECRET b"));
    assert!(scene.at_origin().ends_with("a ****** b"));
    scene.origin("HTTP/1.1 418 No\r\nContent-Length: 2\r\n\r\nok");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{}", scene.at_client());
    assert_eq!(scene.requests()[0].decision.policy_id, "block".into());
}

/// Two findings make the profile match: with the first one held, both are overwritten.
#[test]
fn a_threshold_counts_before_anything_is_overwritten() {
    for (hold_from, two, one) in [
        (HoldFrom::Threshold, "ab SECRET cd ****** ef ******", "ab SECRET cd"),
        (HoldFrom::FirstMatch, "ab ****** cd ****** ef ******", "ab SECRET cd"),
    ] {
        let mut profile = Profile::new("words");
        (profile.matches_min, profile.hold_from) = (2, hold_from);
        let mut policy = (*policy(redact(Otherwise::Block), |_| {})).clone();
        let examiner = Arc::new(Secrets::of(profile));
        policy.scanners = vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Pass }];
        let mut scene = Scene::new(Arc::new(policy));
        let request = upload("", "ab SECRET cd SECRET ef SECRET");
        for byte in request.as_bytes().chunks(1) {
            scene.client(byte);
        }
        assert!(scene.at_origin().ends_with(&format!("\r\n\r\n{two}")), "{}", scene.at_origin());
        let mut scene = Scene::new(scene.policy.clone());
        scene.client(upload("", "ab SECRET cd"));
        assert!(scene.at_origin().ends_with(one), "{hold_from:?}");
    }
}

#[test]
fn findings_beyond_the_limit_are_not_overwritten() {
    let scene = |otherwise, count: usize| {
        let mut scene = Scene::new(policy(redact(otherwise), |settings| {
            settings.limits.inspect.findings_max = 10;
        }));
        scene.client(upload("", &"SECRET ".repeat(count)));
        scene
    };
    assert!(scene(Otherwise::Block, 10).at_origin().ends_with("****** ****** "));
    let blocked = scene(Otherwise::Block, 11);
    assert!(blocked.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(scene(Otherwise::Allow, 11).at_origin().ends_with("****** SECRET "));
}

#[test]
fn messages_that_are_written_anew_are_overwritten_both_ways() {
    let policy = policy(redact(Otherwise::Block), |settings| {
        settings.websocket = WebSocketPolicy::Rewrite(RefusedMessage::Drop);
    });
    let mut scene = open(policy, "");
    for piece in [up(0x01, "a SEC"), up(0x80, "RET b"), up(0x81, "SECRET"), up(0x81, "c")] {
        scene.client(piece);
    }
    let out = at_origin(&mut scene);
    // The frames are masked with the key of the client's own.
    let plain: Vec<Vec<u8>> = [&b"a ****** b"[..], b"******", b"c"].map(|it| up(0x81, it)).to_vec();
    assert_eq!(out, plain.concat());
    for byte in down(0x81, "x SECRET y").chunks(1) {
        scene.origin(byte);
    }
    assert_eq!(at_client(&mut scene), down(0x81, "x ****** y"));
    scene.give(Input::Gone(Wire::Client));
    let record = only_record(&scene);
    assert_eq!(record.decision.action, Some(Done::Redact));
    assert_eq!(record.inspection.upload_dlp.counts[0].redacted, 2);
    assert_eq!(record.inspection.download_dlp.counts[0].redacted, 1);
    assert_eq!(record.websocket.messages_refused, Some(0));
}

#[test]
fn messages_that_pass_as_they_came_are_refused() {
    let mut scene = open(policy(redact(Otherwise::Block), |_| {}), "");
    scene.client(up(0x81, "a SECRET b"));
    let out = at_origin(&mut scene);
    assert!(out.starts_with(&up(0x88, 1008_u16.to_be_bytes())[..1]), "{out:?}");
    assert_eq!(scene.log().matches("SECRET").count(), 0);
}

#[test]
fn other_rules_are_none_the_wiser() {
    let mut scene = Scene::new(policy(rules(), |_| {}));
    scene.client(upload("Content-MD5: x\r\n", "a b"));
    assert!(scene.at_origin().contains("Content-MD5: x"), "nothing can be overwritten");
}
