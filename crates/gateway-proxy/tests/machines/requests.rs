//! Requests through a session: what goes on, what is refused, and what the record says.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::HoldPolicy;
use gateway_log::{Action as Done, CloseReason};
use gateway_proxy::{Close, DialError, Input, Scanner, Wire};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{Answers, GET, OK, Peer, Reached, Scene, Whole, policy, post, rules};

#[test]
fn a_request_goes_on_and_its_answer_comes_back() {
    let mut scene = Scene::usual();
    scene.client(GET);
    assert_eq!(
        scene.at_origin(),
        "GET /x HTTP/1.1\r\nHost: a.test\r\nVia: 1.1 gateway\r\nAccept-Encoding: identity\r\n\r\n"
    );
    scene.origin(OK);
    assert!(scene.at_client().starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(scene.at_client().ends_with("\r\n\r\nok"));
    let record = scene.requests()[0];
    assert_eq!(record.decision.action, Some(Done::Allow));
    assert_eq!(record.http.status, Some(200));
    assert_eq!(scene.sessions(), 0, "the connection stays");
}

#[test]
fn the_next_request_takes_the_same_connection_and_another_host_another() {
    let mut scene = Scene::usual();
    for _ in 0..2 {
        scene.client(GET);
        scene.origin(OK);
    }
    scene.client(GET.replace("a.test", "b.test"));
    assert_eq!(scene.asked, ["dial a.test:80", "park", "dial b.test:80"]);
}

#[test]
fn a_connection_that_is_not_used_for_a_while_serves_others() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin(OK);
    scene.after(Duration::from_secs(1));
    assert_eq!(scene.asked, ["dial a.test:80"]);
    scene.after(Duration::from_secs(2));
    assert_eq!(scene.asked, ["dial a.test:80", "park"]);
    assert!(!scene.session.is_done());
    scene.after(Duration::from_secs(60));
    assert!(scene.session.is_done());
}

#[test]
fn rules_refuse_and_redirect_before_anything_is_dialled() {
    for (path, status, action) in
        [("/blocked", "403 Forbidden", Done::Block), ("/moved/y?z", "302 Found", Done::Redirect)]
    {
        let mut scene = Scene::usual();
        scene.client(GET.replace("/x", path));
        assert!(scene.at_client().starts_with(&format!("HTTP/1.1 {status}\r\n")), "{path}");
        assert!(scene.asked.is_empty(), "{:?}", scene.asked);
        assert_eq!(scene.requests()[0].decision.action, Some(action));
    }
    let mut scene = Scene::usual();
    scene.client(GET.replace("/x", "/moved/y?z"));
    assert!(scene.at_client().contains("Location: https://help.example/moved/y?z\r\n"));
}

#[test]
fn what_the_response_head_says_can_refuse_it() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin("HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\n\r\nok");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(scene.closed.contains_key(&Wire::Origin(scene.last_origin())));
}

#[test]
fn no_byte_of_what_is_found_reaches_the_origin() {
    let mut scene = Scene::usual();
    scene.client(post("abc SECRET xyz"));
    assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(!scene.at_origin().contains('S'), "{}", scene.at_origin());
    let record = scene.requests()[0];
    assert_eq!(record.decision.policy_id.as_bytes(), b"up");
    assert_eq!(record.inspection.upload_dlp.profiles.len(), 1);
    assert!(!scene.log().contains("SECRET"));
}

#[test]
fn a_candidate_is_held_and_what_is_before_it_is_not() {
    let mut scene = Scene::usual();
    let request = post("abc SECRxxxx");
    let (first, rest) = request.split_at(request.len() - 4);
    scene.client(first);
    assert!(scene.at_origin().ends_with("\r\n\r\nabc "), "{}", scene.at_origin());
    scene.client(rest);
    assert!(scene.at_origin().ends_with("\r\n\r\nabc SECRxxxx"), "{}", scene.at_origin());
}

#[test]
fn a_find_in_the_response_is_a_page_before_its_head_is_out_and_a_cut_after() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
    assert_eq!(scene.at_client(), "", "the head waits for the first byte");
    scene.origin("SECRET------");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));

    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n");
    assert!(scene.at_client().ends_with("4\r\nabcd\r\n"));
    scene.origin("6\r\nSECRET\r\n0\r\n\r\n");
    assert!(scene.at_client().ends_with("4\r\nabcd\r\n"), "no end: {}", scene.at_client());
    assert!(scene.closed.contains_key(&Wire::Client));
    assert_eq!(scene.requests()[0].decision.action, Some(Done::Block));
    assert_eq!(scene.requests()[0].bytes.released_before_block, Some(4));
}

#[test]
fn the_rest_of_what_was_cut_is_refused_and_the_whole_is_looked_at_anew() {
    let policy = policy(rules(), |_| {});
    let mut scene = Scene::new(policy.clone());
    scene.client(GET);
    scene.origin(
        "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n",
    );
    scene.origin("6\r\nSECRET\r\n0\r\n\r\n");
    assert_eq!(scene.requests()[0].bytes.released_before_block, Some(4));
    let ranged =
        |more: &str| GET.replace("\r\n\r\n", &format!("\r\nRange: bytes=4-\r\n{more}\r\n"));
    for (request, refused) in [
        (ranged(""), true),
        (ranged("If-Range: \"v1\"\r\n"), true),
        (ranged("If-Range: \"v2\"\r\n"), false),
        (GET.to_owned(), false),
    ] {
        let mut scene = Scene::new(policy.clone());
        scene.client(&request);
        assert_eq!(scene.at_client().starts_with("HTTP/1.1 403 "), refused, "{request}");
        assert_eq!(scene.requests().len(), usize::from(refused));
        if refused {
            assert_eq!(scene.requests()[0].decision.action, Some(Done::Block));
            assert_eq!(scene.requests()[0].bytes.released_before_block, Some(0));
        }
    }
}

#[test]
fn the_last_byte_of_a_declared_length_waits_for_the_decision() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456");
    assert!(scene.at_client().ends_with("0123456"));
    scene.origin("89");
    assert!(scene.at_client().ends_with("012345689"));
    scene.origin("S");
    assert!(scene.at_client().ends_with("012345689S"), "{}", scene.at_client());
}

#[test]
fn log_only_rules_never_hold() {
    let rule = Rule::new("up", Layer::Http, Action::Block, r#"any(dlp.profiles[*] == "words")"#);
    let mut scene = Scene::new(policy(vec![rule.log_only()], |_| {}));
    scene.client(post("SECRET"));
    assert!(scene.at_origin().ends_with("SECRET"));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nSECR");
    assert!(scene.at_client().ends_with("SECR"), "{}", scene.at_client());
    scene.origin("ET");
    let record = scene.requests()[0];
    assert_eq!(record.decision.action, Some(Done::Allow));
    assert_eq!(record.decision.trail.len(), 1);
}

#[test]
fn a_whole_hold_gives_up_at_its_limit_and_the_rules_hear_of_it() {
    let malware = || Rule::new("av", Layer::Http, Action::Block, "av.infected");
    let filter = r#"any(av.unscannable[*] == "too_large")"#;
    let large = || Rule::new("large", Layer::Http, Action::Block, filter);
    let answer = |rules, body: &str| {
        let mut policy = (*policy(rules, |settings| {
            settings.limits.inspect.held_bytes_max = 100;
        }))
        .clone();
        policy.scanners =
            vec![Scanner { name: "av", examiner: Arc::new(Whole), hold: HoldPolicy::Whole }];
        let mut scene = Scene::new(Arc::new(policy));
        scene.client(GET);
        let length = body.len();
        scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"));
        let (most, rest) = body.split_at(length - 1);
        most.as_bytes().chunks(60).for_each(|piece| scene.origin(piece));
        let early = scene.at_client();
        scene.origin(rest);
        (early, scene.at_client())
    };
    let (small, huge) = ("a".repeat(90), "a".repeat(200));
    let (early, late) = answer(vec![malware(), large()], &small);
    assert_eq!(early, "", "nothing leaves before the end");
    assert!(late.ends_with(&small));
    let (early, late) = answer(vec![malware()], &huge);
    assert!(early.starts_with("HTTP/1.1 200 OK") && late.ends_with(&huge), "no rule minds");
    let (early, _) = answer(vec![malware(), large()], &huge);
    assert!(early.starts_with("HTTP/1.1 403 Forbidden"), "{early}");
}

#[test]
fn a_dead_reused_connection_is_replaced_unless_that_could_do_harm() {
    let mut scene = Scene::usual();
    scene.reached = vec![Reached::Reused, Reached::New];
    scene.client(GET);
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    assert_eq!(scene.asked, ["dial a.test:80", "dial a.test:80"]);
    scene.origin(OK);
    assert!(scene.at_client().ends_with("ok"));

    let mut scene = Scene::usual();
    scene.reached = vec![Reached::Reused, Reached::New];
    scene.client(post("abc"));
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    assert_eq!(scene.asked, ["dial a.test:80"]);
    assert!(scene.at_client().starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
}

#[test]
fn an_idempotent_request_is_repeated_with_its_body() {
    let mut scene = Scene::usual();
    scene.reached = vec![Reached::Reused, Reached::New];
    scene.client(post("abc").replace("POST", "PUT"));
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    assert!(scene.at_origin().starts_with("PUT /x ") && scene.at_origin().ends_with("abc"));
}

#[test]
fn a_client_that_leaves_ends_everything() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    scene.give(Input::Gone(Wire::Client));
    assert!(scene.session.is_done());
    assert!(scene.closed.contains_key(&Wire::Origin(scene.last_origin())));
    assert_eq!((scene.sessions(), scene.requests().len()), (1, 1));
}

#[test]
fn a_client_that_sends_no_more_is_answered_all_it_has_asked_for() {
    // Wherever its end comes: with the requests, or while one of them is being answered.
    for after in 0..4 {
        let mut scene = Scene::usual();
        scene.client([GET, GET].concat());
        let mut steps = [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\non",
            "e!",
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntwo!",
        ]
        .iter();
        for step in 0..4 {
            if step == after {
                scene.give(Input::End(Wire::Client));
            }
            if let Some(answer) = steps.next() {
                assert!(!scene.session.is_done(), "{after}");
                scene.origin(answer);
            }
        }
        let (one, two) = (scene.at_client().find("one!"), scene.at_client().find("two!"));
        assert!(one.is_some() && one < two, "{after}: {}", scene.at_client());
        assert!(scene.session.is_done(), "it will ask for nothing more");
        assert_eq!(scene.closed.get(&Wire::Client), Some(&Close::Graceful));
        assert_eq!((scene.sessions(), scene.requests().len()), (1, 2));
    }
}

#[test]
fn a_client_that_has_ended_its_side_and_takes_nothing_has_left() {
    let half_closed = gateway_proxy::Timeouts::default().half_closed;
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.give(Input::End(Wire::Client));
    scene.after(half_closed - Duration::from_secs(1));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    // It has been sent something since, and may have taken it.
    scene.after(half_closed - Duration::from_secs(1));
    scene.give(Input::Taken(Wire::Client, scene.now));
    scene.after(half_closed - Duration::from_secs(1));
    assert!(!scene.session.is_done());
    scene.after(Duration::from_secs(1));
    assert!(scene.session.is_done());
    assert!(scene.closed.contains_key(&Wire::Origin(scene.last_origin())));
    assert_eq!(scene.requests()[0].close_reason, Some(CloseReason::ClientClosed));
}

#[test]
fn an_origin_that_cannot_be_reached_is_told_with_its_status() {
    for (error, status) in [
        (DialError::Resolve { host: "a.test".into() }, "502"),
        (DialError::TimedOut, "504"),
        (DialError::Refused { address: [127, 0, 0, 1].into(), reason: "loopback" }, "403"),
    ] {
        let mut scene = Scene::usual();
        scene.reached = vec![Reached::Failed(error)];
        scene.client(GET);
        assert!(scene.at_client().starts_with(&format!("HTTP/1.1 {status} ")));
    }
}

#[test]
fn a_request_that_has_passed_here_before_is_a_loop() {
    let mut scene = Scene::usual();
    scene.client(GET.replace("Host", "Via: 1.1 gateway\r\nHost"));
    assert!(scene.at_client().starts_with("HTTP/1.1 508 "));
}

#[test]
fn expectations_are_answered_here_only_if_the_body_must_be_seen_first() {
    let request = post("abc").replace("\r\n\r\nabc", "\r\nExpect: 100-continue\r\n\r\n");
    let mut scene = Scene::usual();
    scene.client(&request);
    assert_eq!(scene.take_client(), "HTTP/1.1 100 Continue\r\n\r\n");
    scene.client("abc");
    assert!(scene.at_origin().ends_with("abc") && !scene.at_origin().contains("Expect"));

    let mut scene = Scene::new(policy(Vec::new(), |_| {}));
    scene.client(&request);
    assert!(scene.at_origin().contains("Expect: 100-continue\r\n"));
    assert_eq!(scene.take_client(), "");
    scene.origin("HTTP/1.1 100 Continue\r\n\r\n");
    assert!(scene.take_client().starts_with("HTTP/1.1 100 Continue\r\n"));
}

#[test]
fn interim_responses_and_trailers_pass() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n"));
    scene.origin("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
    scene.origin("2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n");
    assert!(scene.at_client().ends_with("2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"));
}

#[test]
fn waits_have_an_end() {
    // half a head; no answer of the origin; a body that stops
    let mut scene = Scene::usual();
    scene.client("GET http://a.test/ HT");
    scene.after(Duration::from_secs(11));
    assert!(scene.session.is_done());

    let mut scene = Scene::usual();
    scene.client(GET);
    scene.after(Duration::from_secs(61));
    assert!(scene.at_client().starts_with("HTTP/1.1 504 "));

    let mut scene = Scene::usual();
    scene.client(post("abc").trim_end_matches("bc"));
    scene.after(Duration::from_secs(61));
    assert!(scene.at_client().starts_with("HTTP/1.1 408 "), "{}", scene.at_client());
}

#[test]
fn what_an_idle_candidate_kept_is_released_and_recorded() {
    const BEGUN: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabSE\r\n";
    let mut never = Scene::usual();
    never.client(GET);
    never.origin(BEGUN);
    never.after(Duration::from_secs(29));
    assert!(never.at_client().ends_with("ab\r\n"), "{}", never.at_client());

    let mut scene = Scene::new(policy(rules(), |settings| {
        settings.limits.inspect.idle_release_ms = 2_000;
    }));
    scene.client(GET);
    scene.origin(BEGUN);
    assert!(scene.at_client().ends_with("ab\r\n"));
    scene.after(Duration::from_secs(3));
    assert!(scene.at_client().ends_with("SE\r\n"), "{}", scene.at_client());
    scene.origin("0\r\n\r\n");
    let warnings = format!("{:?}", scene.requests()[0].warnings);
    assert!(warnings.contains("idle release of 2"), "{warnings}");
}

#[test]
fn draining_finishes_what_is_in_progress() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.give(Input::Drain);
    scene.origin(OK);
    assert!(scene.at_client().ends_with("ok"));
    assert!(scene.session.is_done());
    let mut idle = Scene::usual();
    idle.give(Input::Drain);
    assert!(idle.session.is_done());
}

#[test]
fn under_a_superseded_policy_the_next_request_is_the_last() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin(OK);
    scene.give(Input::Superseded);
    assert!(!scene.session.is_done() && !scene.at_client().contains("Connection: close"));
    scene.client(GET);
    scene.origin(OK);
    let at_client = scene.at_client();
    let last = at_client.rsplit("HTTP/1.1 200 OK").next().unwrap_or_default();
    assert!(last.contains("Connection: close\r\n") && last.ends_with("ok"), "{at_client}");
    assert!(scene.session.is_done());
}

#[test]
fn a_body_that_comes_before_the_addresses_is_looked_at_all_the_same() {
    let mut with_addresses = rules();
    let filter = "net.dst.ip == 198.51.100.1";
    with_addresses.push(Rule::new("ip", Layer::Network, Action::Block, filter));
    let mut scene = Scene::new(policy(with_addresses, |_| {}));
    scene.answers_names = Answers::Later;
    scene.client(GET);
    assert!(scene.asked.is_empty());
    scene.answer_names();
    assert!(scene.at_origin().starts_with("GET /x "));
    scene.origin(OK);
    scene.client(post("abc SECRET"));
    scene.answer_names();
    assert!(scene.at_client().contains("HTTP/1.1 403 Forbidden\r\n"), "{}", scene.at_client());
    assert!(!scene.at_origin().contains("SECRET"));
}

/// A rule that reads the address of the origin, before it is dialled or with the response.
fn by_address(filter: &str) -> Vec<Rule> {
    vec![Rule::new("address", Layer::Http, Action::Block, filter)]
}

#[test]
fn a_request_that_is_sent_again_goes_where_the_rules_let_it_go() {
    for filter in [
        "net.dst.ip in {198.51.100.0/24}",
        // Known too late to ask for it: the address is that of the first connection.
        "net.dst.ip in {198.51.100.0/24} and http.response.status_code == 418",
    ] {
        let mut scene = Scene::new(policy(by_address(filter), |_| {}));
        scene.reached = vec![Reached::Reused, Reached::New];
        scene.client(GET);
        scene.give(Input::End(Wire::Origin(scene.last_origin())));
        assert_eq!(scene.asked.len(), 2, "{filter}: {:?}", scene.asked);
        let there = vec![IpAddr::from([203, 0, 113, 9])];
        assert_eq!(scene.dialed_at[1], there, "{filter}: the name is resolved anew");
        scene.origin(OK);
        assert!(scene.at_client().ends_with("ok"));
    }
}

#[test]
fn an_open_connection_serves_whom_the_rules_let_go_there() {
    let mut scene = Scene::new(policy(by_address("net.dst.ip in {198.51.100.0/24}"), |_| {}));
    let elsewhere = vec![IpAddr::from([203, 0, 113, 10])];
    for addresses in [scene.addresses.clone(), scene.addresses.clone(), elsewhere.clone()] {
        scene.addresses = addresses;
        scene.client(GET);
        scene.origin(OK);
    }
    assert_eq!(scene.asked, ["dial a.test:80", "park", "dial a.test:80"]);
    assert_eq!(scene.dialed_at[1], elsewhere);
}

#[test]
fn requests_in_a_tunnel_go_where_connect_was_let_go() {
    let filter = "net.dst.ip in {198.51.100.0/24}";
    let mut scene = Scene::new(policy(by_address(filter), |_| {}));
    scene.client("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    scene.client(crate::tunnels::hello("a.test"));
    let get = "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";
    scene.client(get);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    scene.client(get);
    let there = vec![IpAddr::from([203, 0, 113, 9])];
    assert_eq!(scene.dialed_at, [there.clone(), there]);
}

/// The head of an upload of so many bytes.
fn upload(bytes: usize, more: &str) -> String {
    format!(
        "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: {bytes}\r\n{more}\r\n"
    )
}

#[test]
fn who_waits_to_be_told_to_go_on_is_not_slow() {
    let mut scene = Scene::new(policy(vec![], |_| {}));
    scene.client(upload(1_000_000, "Expect: 100-continue\r\n"));
    scene.after(Duration::from_secs(50));
    assert_eq!(scene.take_client(), "", "the origin is the one who takes its time");
    scene.origin("HTTP/1.1 100 Continue\r\n\r\n");
    assert!(scene.take_client().starts_with("HTTP/1.1 100 "));
    scene.after(Duration::from_secs(1));
    scene.client("x");
    scene.after(Duration::from_secs(8));
    scene.client("x");
    assert_eq!(scene.take_client(), "", "nine seconds are not ten");
    scene.after(Duration::from_secs(2));
    scene.client("x");
    assert!(scene.take_client().starts_with("HTTP/1.1 408 "));
}

#[test]
fn whom_the_origin_stops_is_not_slow() {
    let hour = Duration::from_secs(3_600);
    let policy = policy(vec![], |settings| settings.timeouts.stall = hour);
    let mut scene = Scene::new(policy);
    scene.client(upload(10_000_000, ""));
    scene.origins = Peer::Stalls;
    let piece = "x".repeat(64 << 10);
    for _ in 0..64 {
        if scene.session.wants(Wire::Client) {
            scene.client(&piece);
        }
    }
    assert!(!scene.session.wants(Wire::Client), "it is not stopped");
    // Far more time than a client may be silent.
    scene.after(Duration::from_secs(590));
    assert_eq!(scene.at_client(), "");
    scene.origins = Peer::Takes;
    scene.give(Input::Timeout);
    assert!(scene.session.wants(Wire::Client));
    scene.client(&piece);
    assert_eq!(scene.at_client(), "");
    // From now on it is the client who takes its time.
    scene.after(Duration::from_secs(61));
    assert!(scene.at_client().starts_with("HTTP/1.1 408 "), "{}", scene.at_client());
}

#[test]
fn an_origin_that_takes_little_at_a_time_makes_no_client_slow() {
    let hour = Duration::from_secs(3_600);
    let policy = policy(vec![], |settings| settings.timeouts.stall = hour);
    let mut scene = Scene::new(policy);
    scene.client(upload(100_000_000, ""));
    let piece = "x".repeat(16 << 10);
    for _ in 0..8 {
        scene.origins = Peer::Stalls;
        while scene.session.wants(Wire::Client) {
            scene.client(&piece);
        }
        // What a client takes so long for would be far below the least rate.
        scene.after(Duration::from_secs(500));
        assert_eq!(scene.at_client(), "");
        scene.origins = Peer::Takes;
        scene.give(Input::Timeout);
    }
    assert!(scene.session.wants(Wire::Client));
    // Its own time counts as before, that in which it did its part included.
    scene.after(Duration::from_secs(61));
    assert!(scene.at_client().starts_with("HTTP/1.1 408 "), "{}", scene.at_client());
}

#[test]
fn an_origin_that_takes_no_more_is_not_waited_for_without_end() {
    let mut scene = Scene::new(policy(vec![], |_| {}));
    // Nobody knows when the answer to a call begins.
    scene.client(upload(10_000_000, "Content-Type: application/grpc\r\n"));
    scene.origins = Peer::Stalls;
    let piece = "x".repeat(64 << 10);
    while scene.session.wants(Wire::Client) {
        scene.client(&piece);
    }
    scene.after(Duration::from_secs(119));
    assert_eq!(scene.at_client(), "");
    scene.after(Duration::from_secs(2));
    assert!(scene.at_client().starts_with("HTTP/1.1 504 "), "{}", scene.at_client());
}
