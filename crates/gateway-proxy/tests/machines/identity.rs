//! Who asks: 407 and what comes after it, and what rules, origins and records see.

use std::sync::Arc;
use std::time::Duration;

use gateway_h1h2::{BodySize, Event, ResetReason, Target, Version};
use gateway_log::CloseReason;
use gateway_proxy::{
    Anonymous, AuthScheme, Credentials, Device, Group, Input, Known, Policy, SocksOffer, Source,
    Unidentified, User, Wire,
};
use gateway_rules::{Action, Layer, Rule};
use http::Method;

use crate::peers::{Peers, request, response};
use crate::scene::{GET, OK, Scene, policy, post};

const BASIC: &str = "Proxy-Authorization: Basic YWxpY2U6Z2VoZWlt\r\n";
const CONNECT: &str = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n";

/// A policy that asks clients who they are, and keeps guests from `/staff`.
fn asking(anonymous: Anonymous) -> Arc<Policy> {
    let guests = r#"http.request.uri.path contains "/staff" and not any(identity.groups.name[*] == "staff")"#;
    let bob = r#"identity.email == "bob@corp.test""#;
    let unhealthy = r#"any(device_posture.checks.failed[*] == "managed")"#;
    let rules = vec![
        Rule::new("guests", Layer::Http, Action::Block, guests),
        Rule::new("bob", Layer::Network, Action::Block, bob),
        Rule::new("unhealthy", Layer::Network, Action::Block, unhealthy),
    ];
    policy(rules, |settings| {
        settings.identification.schemes = vec![AuthScheme::Bearer, AuthScheme::Basic];
        settings.identification.anonymous = anonymous;
        settings.identification.realm = "corp".into();
    })
}

fn user(name: &str, group: &str) -> Arc<User> {
    let group = Group { name: group.to_owned().into(), ..Group::default() };
    Arc::new(User {
        id: name.to_owned().into(),
        email: format!("{name}@corp.test").into(),
        groups: vec![group],
        source: Source::Password,
        ..User::default()
    })
}

/// `request` with the credentials `field`.
fn with(request: &str, field: &str) -> String {
    request.replacen("\r\n\r\n", &format!("\r\n{field}\r\n"), 1)
}

fn answer(scene: &mut Scene, result: Result<Arc<User>, Unidentified>) {
    let asked = scene.identifying.remove(0);
    scene.give(Input::Identified(asked.stream, result));
}

#[test]
fn who_says_nothing_is_asked_and_comes_again_on_the_same_connection() {
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client(GET);
    let refused = scene.take_client();
    assert!(refused.starts_with("HTTP/1.1 407 Proxy Authentication Required\r\n"), "{refused}");
    assert!(refused.contains("Proxy-Authenticate: Bearer realm=\"corp\"\r\n"), "{refused}");
    let basic = "Proxy-Authenticate: Basic realm=\"corp\", charset=\"UTF-8\"\r\n";
    assert!(refused.contains(basic) && !refused.contains("Connection: close"), "{refused}");
    scene.client(with(GET, BASIC));
    let asked = &scene.identifying[0];
    let expected = Credentials::Basic { user: "alice".into(), password: "geheim".into() };
    assert_eq!((&asked.credentials, asked.client.to_string()), (&expected, "192.0.2.7".into()));
    answer(&mut scene, Ok(user("alice", "staff")));
    assert!(scene.at_origin().starts_with("GET /x HTTP/1.1\r\n"));
    scene.origin(OK);
    assert!(scene.at_client().ends_with("\r\n\r\nok"));
    let records = scene.requests();
    assert_eq!(records[0].http.status, Some(407));
    assert!(records[0].client.user.email.is_empty());
    let seen = &records[1].client.user;
    assert_eq!(
        (seen.email.as_bytes(), seen.id.as_bytes()),
        (&b"alice@corp.test"[..], &b"alice"[..])
    );
    assert_eq!((seen.source.as_bytes(), seen.groups.len()), (&b"password"[..], 1));
    assert_ne!(records[0].request_id, records[1].request_id);
}

#[test]
fn wrong_credentials_then_right_ones() {
    // Wrong ones are refused even where none are needed.
    for anonymous in [Anonymous::Challenge, Anonymous::Admit] {
        let mut scene = Scene::new(asking(anonymous));
        scene.client(with(GET, BASIC));
        answer(&mut scene, Err(Unidentified::Wrong));
        assert!(scene.take_client().starts_with("HTTP/1.1 407 "));
        scene.client(with(GET, BASIC));
        answer(&mut scene, Ok(user("alice", "staff")));
        scene.origin(OK);
        assert!(scene.at_client().starts_with("HTTP/1.1 200 "));
    }
}

#[test]
fn what_cannot_be_read_is_asked_for_again() {
    for field in [
        "Proxy-Authorization: Basic !\r\n",
        "Proxy-Authorization: Negotiate abc\r\n",
        "Proxy-Authorization: Bearer a\r\nProxy-Authorization: Bearer a\r\n",
    ] {
        let mut scene = Scene::new(asking(Anonymous::Admit));
        scene.client(with(GET, field));
        assert!(scene.take_client().starts_with("HTTP/1.1 407 "), "{field}");
        assert!(scene.identifying.is_empty(), "{field}");
    }
}

#[test]
fn who_need_not_say_anything_is_seen_without_an_identity() {
    let mut scene = Scene::new(asking(Anonymous::Admit));
    scene.client(GET);
    scene.origin(OK);
    assert!(scene.take_client().starts_with("HTTP/1.1 200 "));
    scene.client(GET.replace("/x", "/staff"));
    assert!(scene.take_client().starts_with("HTTP/1.1 403 "));
    assert_eq!(scene.requests()[1].decision.policy_id.as_bytes(), b"guests");
}

#[test]
fn rules_tell_groups_apart() {
    let staff = GET.replace("/x", "/staff");
    for (group, status) in [("staff", "HTTP/1.1 200 "), ("guests", "HTTP/1.1 403 ")] {
        let mut scene = Scene::new(asking(Anonymous::Challenge));
        scene.client(with(&staff, BASIC));
        answer(&mut scene, Ok(user("alice", group)));
        if group == "staff" {
            scene.origin(OK);
        }
        assert!(scene.at_client().starts_with(status), "{group}: {}", scene.at_client());
    }
}

#[test]
fn each_request_has_its_own_user() {
    let mut scene = Scene::new(asking(Anonymous::Admit));
    for (name, status) in [("alice", "200"), ("bob", "403"), ("alice", "200")] {
        scene.client(with(GET, BASIC));
        answer(&mut scene, Ok(user(name, "staff")));
        if status == "200" {
            scene.origin(OK);
        }
        let got = scene.take_client();
        assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {got}");
    }
    scene.client(GET);
    scene.origin(OK);
    assert!(scene.requests()[3].client.user.email.is_empty());
}

#[test]
fn credentials_are_for_the_gateway_alone() {
    // Whether anybody is asked or not, and within tunnels too.
    let leak = r#"any(http.request.headers["proxy-authorization"][*] contains "Basic")"#;
    let rule = || vec![Rule::new("leak", Layer::Http, Action::Block, leak)];
    let mut scene = Scene::new(policy(rule(), |_| {}));
    scene.client(with(GET, BASIC));
    scene.origin(OK);
    assert!(scene.take_client().starts_with("HTTP/1.1 200 "));
    assert!(!scene.at_origin().to_lowercase().contains("authorization"));
    let mut scene = Scene::new(asking(Anonymous::Admit));
    scene.client(with(GET, BASIC));
    answer(&mut scene, Ok(user("alice", "staff")));
    scene.origin(OK);
    scene.give(Input::Abort(CloseReason::ClientClosed));
    let everything = format!("{} {} {:?}", scene.at_origin(), scene.log(), scene.asked);
    for secret in ["YWxpY2U6Z2VoZWlt", "geheim", "roxy-Authorization"] {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
}

#[test]
fn pipelined_requests_wait_for_one_another() {
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client(format!("{GET}{}{GET}", with(GET, BASIC)));
    assert!(scene.take_client().starts_with("HTTP/1.1 407 "));
    assert_eq!(scene.identifying.len(), 1);
    answer(&mut scene, Ok(user("alice", "staff")));
    assert_eq!(scene.at_client(), "");
    scene.origin(OK);
    let rest = scene.take_client();
    assert!(rest.starts_with("HTTP/1.1 200 ") && rest.contains("HTTP/1.1 407 "), "{rest}");
    let statuses: Vec<_> = scene.requests().iter().map(|record| record.http.status).collect();
    assert_eq!(statuses, [Some(407), Some(200), Some(407)]);
}

#[test]
fn a_body_waits_and_goes_on_or_is_read_away() {
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    let body = "x".repeat(40_000);
    // Refused: the body is read and thrown away, the connection lives.
    scene.client(post(&body));
    assert!(scene.take_client().starts_with("HTTP/1.1 407 "));
    scene.client(with(&post(&body), BASIC));
    assert_eq!(scene.identifying.len(), 1, "the connection has not lived");
    answer(&mut scene, Ok(user("alice", "staff")));
    assert!(scene.at_origin().ends_with(&body));
    scene.origin(OK);
    assert!(scene.take_client().starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_body_that_is_too_long_to_be_read_away_ends_the_connection() {
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client("POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9000000\r\n\r\n");
    assert!(scene.take_client().starts_with("HTTP/1.1 407 "));
    for _ in 0..40 {
        scene.client("x".repeat(10_000));
    }
    assert!(scene.closed.contains_key(&Wire::Client), "{:?}", scene.closed);
}

#[test]
fn connect_is_asked_and_its_tunnel_is_not() {
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client(CONNECT);
    let refused = scene.take_client();
    assert!(refused.starts_with("HTTP/1.1 407 ") && refused.contains("Proxy-Authenticate: Basic "));
    // What was sent behind a CONNECT in hope must not become a request.
    assert!(refused.contains("Connection: close\r\n"), "{refused}");

    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client(with(CONNECT, BASIC));
    assert_eq!(scene.take_client(), "");
    answer(&mut scene, Ok(user("alice", "guests")));
    assert!(scene.take_client().starts_with("HTTP/1.1 200 Connection established\r\n"));
    // Requests in the tunnel are of the same user; nobody is asked in there.
    scene.client("GET /staff HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    let blocked = scene.take_client();
    assert!(blocked.starts_with("HTTP/1.1 403 "), "{blocked}");
    scene.client(format!("GET /x HTTP/1.1\r\nHost: a.test:443\r\n{BASIC}\r\n"));
    assert!(!scene.at_origin().contains("roxy-Authorization"), "{}", scene.at_origin());
    scene.origin(OK);
    assert!(scene.take_client().starts_with("HTTP/1.1 200 "));
    for record in scene.requests() {
        assert_eq!(record.client.user.email.as_bytes(), b"alice@corp.test");
    }
    scene.give(Input::Abort(CloseReason::ClientClosed));
    let session = scene.records.last().unwrap();
    assert_eq!(session.client.user.id.as_bytes(), b"alice");
}

#[test]
fn a_rule_refuses_a_tunnel_by_its_user() {
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client(with(CONNECT, BASIC));
    answer(&mut scene, Ok(user("bob", "staff")));
    assert!(scene.take_client().starts_with("HTTP/1.1 403 "));
}

#[test]
fn what_is_known_at_once_needs_no_credentials_and_yields_to_them() {
    let known = || Known { user: Some(user("bob", "staff")), ..Known::default() };
    let scene = |known| Scene::known(asking(Anonymous::Challenge), known);
    let mut blocked = scene(known());
    blocked.client(GET);
    assert!(blocked.take_client().starts_with("HTTP/1.1 403 "));
    assert_eq!(blocked.requests()[0].client.user.email.as_bytes(), b"bob@corp.test");
    // A user without an e-mail address: bob's does not shine through.
    let carol = User { id: "carol".into(), source: Source::Token, ..User::default() };
    let mut allowed = scene(known());
    allowed.client(with(GET, "Proxy-Authorization: Bearer t\r\n"));
    answer(&mut allowed, Ok(Arc::new(carol)));
    allowed.origin(OK);
    assert!(allowed.take_client().starts_with("HTTP/1.1 200 "));
    assert!(allowed.requests()[0].client.user.email.is_empty());
    let device = Device {
        id: "d1".into(),
        name: "laptop".into(),
        failed: vec!["managed".into()],
        ..Device::default()
    };
    let mut unhealthy = scene(Known { device: Some(Arc::new(device)), ..known() });
    unhealthy.client(GET);
    assert!(unhealthy.take_client().starts_with("HTTP/1.1 403 "));
    let record = unhealthy.requests()[0];
    assert_eq!(record.client.device.id.as_bytes(), b"d1");
    assert_eq!(record.client.device.failed_checks.len(), 1);
}

#[test]
fn who_is_locked_out_and_who_must_wait_are_told_so() {
    let locked = Unidentified::Locked { retry_after: Duration::from_secs(42) };
    for (why, status, retry) in [(locked, "429", "42"), (Unidentified::Busy, "503", "1")] {
        let mut scene = Scene::new(asking(Anonymous::Challenge));
        scene.client(with(GET, BASIC));
        answer(&mut scene, Err(why));
        let got = scene.take_client();
        assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{got}");
        assert!(got.contains(&format!("Retry-After: {retry}\r\n")), "{got}");
        assert!(!got.contains("Proxy-Authenticate"), "{got}");
    }
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for() {
    let mut scene = Scene::new(asking(Anonymous::Admit));
    scene.client(with(GET, BASIC));
    let deadline = scene.session.deadline().unwrap();
    scene.after(deadline - scene.now);
    assert!(scene.take_client().starts_with("HTTP/1.1 503 "));
    // Should it come after all, nothing happens.
    answer(&mut scene, Ok(user("alice", "staff")));
    assert_eq!(scene.at_client(), "");
    assert!(scene.asked.iter().all(|asked| !asked.starts_with("dial")), "{:?}", scene.asked);
}

#[test]
fn a_client_that_leaves_meanwhile_leaves_its_records() {
    for end in [Input::Gone(Wire::Client), Input::Abort(CloseReason::ClientError)] {
        let mut scene = Scene::new(asking(Anonymous::Admit));
        scene.client(with(GET, BASIC));
        scene.give(end);
        assert!(scene.session.is_done());
        assert_eq!((scene.requests().len(), scene.sessions()), (1, 1));
        assert_eq!(scene.requests()[0].http.status, None);
    }
}

#[test]
fn a_client_that_sends_no_more_meanwhile_is_served() {
    let mut scene = Scene::new(asking(Anonymous::Admit));
    scene.client(with(GET, BASIC));
    scene.give(Input::End(Wire::Client));
    answer(&mut scene, Ok(user("alice", "staff")));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert!(scene.at_client().ends_with("ok"), "{}", scene.at_client());
    assert!(scene.session.is_done());
}

#[test]
fn without_a_way_to_ask_who_is_unknown_is_refused() {
    let policy = policy(vec![], |s| s.identification.anonymous = Anonymous::Challenge);
    let mut scene = Scene::new(policy);
    scene.client(GET);
    assert!(scene.take_client().starts_with("HTTP/1.1 403 "));
}

#[test]
fn who_cannot_be_asked_must_be_known_already() {
    let challenge = || {
        policy(vec![], |settings| {
            settings.socks = SocksOffer::TcpAndUdp;
            settings.identification.schemes = vec![AuthScheme::Basic];
            settings.identification.anonymous = Anonymous::Challenge;
        })
    };
    let led = Scene::transparent(challenge(), "203.0.113.9:443");
    assert!(led.session.is_done() && led.asked.is_empty(), "{:?}", led.asked);
    assert_eq!(led.records[0].decision.action, Some(gateway_log::Action::Block));

    const SOCKS: &[u8] = b"\x05\x01\x00\x05\x01\x00\x03\x06a.test\x01\xbb";
    let mut nobody = Scene::new(challenge());
    nobody.client(SOCKS);
    assert_eq!(nobody.to_client, [5, 0xff], "no method (RFC 1928 §3)");
    assert!(nobody.session.is_done());
    assert_eq!(nobody.records[0].decision.action, Some(gateway_log::Action::Block));
    // Where no password can be checked, there is none to ask for.
    let tokens = policy(vec![], |settings| {
        settings.socks = SocksOffer::TcpAndUdp;
        settings.identification.schemes = vec![AuthScheme::Bearer];
        settings.identification.anonymous = Anonymous::Challenge;
    });
    let mut unasked = Scene::new(tokens);
    unasked.client(SOCKS);
    assert_eq!(unasked.to_client[..4], [5, 0, 5, 2], "not allowed (RFC 1928 §6)");
    let known = Known { user: Some(user("alice", "staff")), ..Known::default() };
    let mut somebody = Scene::known(challenge(), known);
    somebody.client(SOCKS);
    assert_eq!(somebody.to_client[..4], [5, 0, 5, 0]);
}

/// What a client of SOCKS says that has a password, up to it.
const SOCKS_PASSWORD: &[u8] = b"\x05\x02\x00\x02\x01\x05alice\x06geheim";

fn asking_socks(anonymous: Anonymous) -> Arc<Policy> {
    let mut policy = Policy::clone(&asking(anonymous));
    policy.settings.socks = SocksOffer::TcpAndUdp;
    Arc::new(policy)
}

#[test]
fn a_password_by_socks_names_the_user_of_the_tunnel() {
    const REQUEST: &[u8] = b"\x05\x01\x00\x03\x06a.test\x00\x50";
    for anonymous in [Anonymous::Challenge, Anonymous::Admit] {
        let mut scene = Scene::new(asking_socks(anonymous));
        // In hope of the answer, the request comes with it.
        scene.client([SOCKS_PASSWORD, REQUEST].concat());
        assert_eq!(scene.to_client, [5, 2], "nothing more before the answer");
        let asked = &scene.identifying[0];
        let expected = Credentials::Basic { user: "alice".into(), password: "geheim".into() };
        assert_eq!((&asked.credentials, asked.client.to_string()), (&expected, "192.0.2.7".into()));
        answer(&mut scene, Ok(user("alice", "staff")));
        assert_eq!(scene.to_client[2..6], [1, 0, 5, 0]);
        scene.client("GET /staff HTTP/1.1\r\nHost: a.test\r\n\r\n");
        assert!(scene.at_origin().starts_with("GET /staff HTTP/1.1\r\n"), "the rules know her");
        scene.origin(OK);
        scene.give(Input::Abort(CloseReason::ClientClosed));
        assert_eq!(scene.records.len(), 2);
        for record in &scene.records {
            assert_eq!(record.client.user.email.as_bytes(), b"alice@corp.test");
        }
    }
}

#[test]
fn a_rule_refuses_by_the_user_of_socks() {
    let mut scene = Scene::new(asking_socks(Anonymous::Challenge));
    scene.client([SOCKS_PASSWORD, b"\x05\x01\x00\x03\x06a.test\x00\x50"].concat());
    answer(&mut scene, Ok(user("bob", "staff")));
    assert_eq!(scene.to_client[2..6], [1, 0, 5, 2]);
    assert_eq!(scene.records[0].decision.policy_id.as_bytes(), b"bob");
}

#[test]
fn datagrams_by_socks_are_of_the_user_of_their_connection() {
    let mut scene = Scene::new(asking_socks(Anonymous::Challenge));
    scene.client([SOCKS_PASSWORD, b"\x05\x03\x00\x01\0\0\0\0\0\0"].concat());
    answer(&mut scene, Ok(user("alice", "staff")));
    let known = scene.associated.unwrap();
    assert_eq!(known.user.unwrap().email, "alice@corp.test");
}

#[test]
fn a_wrong_password_by_socks_ends_the_connection() {
    let retry_after = Duration::from_secs(9);
    for why in [Unidentified::Wrong, Unidentified::Locked { retry_after }, Unidentified::Busy] {
        // Wrong ones are refused even where none are needed.
        for anonymous in [Anonymous::Challenge, Anonymous::Admit] {
            let mut scene = Scene::new(asking_socks(anonymous));
            scene.client(SOCKS_PASSWORD);
            answer(&mut scene, Err(why));
            assert_eq!(scene.to_client, [5, 2, 1, 1], "{why:?}");
            assert!(scene.closed.contains_key(&Wire::Client) && scene.asked.is_empty());
            let record = &scene.records[0];
            assert_eq!(record.decision.action, Some(gateway_log::Action::Block));
            assert_eq!((record.warnings.len(), scene.records.len()), (1, 1));
        }
    }
}

#[test]
fn who_is_asked_by_socks_in_vain_is_turned_away() {
    // A name that nobody can have is not even looked for.
    let mut unreadable = Scene::new(asking_socks(Anonymous::Admit));
    unreadable.client(b"\x05\x01\x02\x01\x03a:b\x01c");
    assert_eq!(unreadable.to_client, [5, 2, 1, 1]);
    assert!(unreadable.identifying.is_empty() && unreadable.session.is_done());
    // An answer that does not come is not waited for.
    let mut silent = Scene::new(asking_socks(Anonymous::Admit));
    silent.client(SOCKS_PASSWORD);
    silent.after(Duration::from_secs(60));
    assert_eq!(silent.to_client, [5, 2, 1, 1]);
    assert!(silent.session.is_done());
    // Who need not be known need not give a password.
    let mut guest = Scene::new(asking_socks(Anonymous::Admit));
    guest.client(b"\x05\x01\x00\x05\x01\x00\x03\x06a.test\x00\x50");
    assert_eq!(guest.to_client[..4], [5, 0, 5, 0]);
}

#[test]
fn many_streams_are_asked_side_by_side() {
    let scene = Scene::new(asking(Anonymous::Challenge));
    let mut peers = Peers::at_the_proxy(scene, Version::Http2);
    let ask = |peers: &mut Peers, credentials: &str| {
        let mut head = request(Method::GET, "http://a.test/x", BodySize::Empty);
        if !credentials.is_empty() {
            head.fields.append("Proxy-Authorization", credentials).unwrap();
        }
        peers.ask(head)
    };
    let anonymous = ask(&mut peers, "");
    let right = ask(&mut peers, "Basic YWxpY2U6Z2VoZWlt");
    let wrong = ask(&mut peers, "Bearer t");
    let given_up = ask(&mut peers, "Bearer u");
    assert_eq!(peers.client.status(anonymous), Some(407));
    assert_eq!(peers.scene.identifying.len(), 3);
    peers.client.send(given_up, [Event::Reset(ResetReason::Cancelled)]);
    peers.settle();
    // The answers come in another order.
    let late = [
        (2, Ok(user("alice", "staff"))),
        (1, Err(Unidentified::Wrong)),
        (0, Ok(user("alice", "staff"))),
    ];
    for (index, result) in late {
        let stream = peers.scene.identifying[index].stream;
        peers.scene.give(Input::Identified(stream, result));
        peers.settle();
    }
    assert_eq!(peers.client.status(wrong), Some(407));
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.status(right), Some(200));
    assert_eq!(peers.origin().requests().len(), 1);
    assert_eq!(peers.scene.requests().len(), 4);
}

#[test]
fn connect_over_http2_is_asked_by_the_session_of_its_own() {
    let known = Known { device: Some(Arc::new(Device::default())), ..Known::default() };
    let scene = Scene::known(asking(Anonymous::Challenge), known.clone());
    let mut peers = Peers::at_the_proxy(scene, Version::Http2);
    let mut head = request(Method::CONNECT, "a.test:443", BodySize::Empty);
    head.fields.append("Proxy-Authorization", "Basic YWxpY2U6Z2VoZWlt").unwrap();
    peers.ask(head);
    assert!(peers.scene.identifying.is_empty());
    let branch = &peers.scene.branches[0];
    assert_eq!(branch.accepted.known, known);
    let asked = String::from_utf8(peers.origin().taken()).unwrap();
    let mut inner = Scene::with(peers.scene.branches[0].accepted.clone(), peers.scene.now);
    inner.client(asked);
    assert_eq!(inner.identifying.len(), 1);
    answer(&mut inner, Ok(user("alice", "staff")));
    assert!(inner.take_client().starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_websocket_has_the_user_of_its_request() {
    const OFFER: &str = "GET http://a.test/ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut scene = Scene::new(asking(Anonymous::Challenge));
    scene.client(with(OFFER, BASIC));
    answer(&mut scene, Ok(user("alice", "staff")));
    assert!(!scene.at_origin().contains("Proxy-Authorization"), "{}", scene.at_origin());
    scene.origin(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
    assert!(scene.take_client().starts_with("HTTP/1.1 101 "));
    scene.give(Input::Abort(CloseReason::ClientClosed));
    assert_eq!(scene.requests().len(), 1, "{}", scene.log());
    assert_eq!(scene.requests()[0].client.user.email, "alice@corp.test".into());
}

#[test]
fn a_websocket_over_http2_is_asked_by_the_session_of_its_own() {
    let scene = Scene::new(asking(Anonymous::Challenge));
    let mut peers = Peers::at_the_proxy(scene, Version::Http2);
    peers.settle();
    for credentials in [None, Some("Basic YWxpY2U6Z2VoZWlt")] {
        let mut head = request(Method::CONNECT, "a.test:443", BodySize::Empty);
        head.target = Target::parse(&Method::GET, "http://a.test/ws".into()).unwrap();
        head.protocol = Some("websocket".into());
        head.fields.append("Sec-WebSocket-Version", "13").unwrap();
        if let Some(credentials) = credentials {
            head.fields.append("Proxy-Authorization", credentials).unwrap();
        }
        let outer = peers.ask(head);
        let (id, mut inner) = peers.branch();
        if credentials.is_some() {
            answer(&mut inner, Ok(user("alice", "staff")));
            assert!(inner.at_origin().starts_with("GET /ws HTTP/1.1\r\n"), "{}", inner.log());
            assert!(!inner.at_origin().contains("Proxy-Authorization"));
        } else {
            let refused = inner.take_client();
            peers.scene.give(Input::Bytes(Wire::Origin(id), refused.into()));
            peers.settle();
            assert_eq!(peers.client.status(outer), Some(407));
        }
        assert!(peers.scene.identifying.is_empty());
    }
}
