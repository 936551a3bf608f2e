//! What waits for the rules, from when on and until when; and what nobody has looked at.

use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::{
    Examiner, Findings, HoldFrom, HoldPolicy, Inspector, Outcome, Part, PartKind, Profile,
    Progress, Reach, Unscannable, Wanted, Window,
};
use gateway_proxy::Scanner;
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{GET, OK, Scene, Secrets, Whole, policy, post, rules};

fn warnings(scene: &Scene) -> String {
    format!("{:?}", scene.requests()[0].warnings)
}

/// A policy that holds bodies for a scanner of the whole as `hold` says.
fn holding(hold: HoldPolicy) -> Arc<gateway_proxy::Policy> {
    let malware = Rule::new("av", Layer::Http, Action::Block, "av.infected");
    let mut policy = (*policy(vec![malware], |_| {})).clone();
    policy.scanners = vec![Scanner { name: "av", examiner: Arc::new(Whole), hold }];
    Arc::new(policy)
}

#[test]
fn a_body_is_released_as_its_type_is() {
    let gif = format!("GIF89a{}", "a".repeat(194));
    let text = "a".repeat(200);
    for (kind, way, body, leaves) in [
        (PartKind::Gif, HoldPolicy::Whole, &gif, 0),
        (PartKind::Gif, HoldPolicy::Pass, &gif, 200),
        (PartKind::Gif, HoldPolicy::Tail(50), &gif, 150),
        (PartKind::Gif, HoldPolicy::Whole, &text, 100),
    ] {
        let mut release = gateway_proxy::Release::default();
        release.set(kind, way);
        let mut policy = (*holding(HoldPolicy::Tail(100))).clone();
        policy.settings.release = Arc::new(release);
        let mut scene = Scene::new(Arc::new(policy));
        scene.client(GET);
        scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n{body}"));
        let left = scene.at_client().split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
        assert_eq!(left, leaves, "{kind} {way:?}");
        scene.origin("b".repeat(100));
        assert!(scene.at_client().ends_with(&"b".repeat(100)), "the end is decided");
    }
}

#[test]
fn a_trickle_leaves_at_its_times_though_nothing_comes() {
    let hold = HoldPolicy::Trickle { bytes: 10, every_ms: 100 };
    let mut scene = Scene::new(holding(hold));
    scene.client(GET);
    scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{}", "a".repeat(50)));
    assert_eq!(scene.at_client(), "");
    for ticks in 1..=5 {
        let due = scene.session.deadline().expect("a time");
        assert_eq!(due, scene.now + Duration::from_millis(100), "{ticks}");
        scene.after(Duration::from_millis(99));
        scene.after(Duration::from_millis(1));
        let sent = scene.at_client();
        assert!(sent.ends_with(&format!("\r\n\r\n{}", "a".repeat(ticks * 10))), "{sent}");
    }
    let due = scene.session.deadline().expect("a time");
    assert!(due > scene.now + Duration::from_secs(1), "nothing is left to leave");
    scene.origin("b".repeat(40));
    assert!(scene.at_client().ends_with(&"b".repeat(40)), "the end is decided");

    let mut scene = Scene::new(holding(hold));
    scene.client(post(&"a".repeat(50)).strip_suffix("a").unwrap());
    assert_eq!(scene.at_origin(), "");
    scene.after(Duration::from_millis(100));
    assert!(scene.at_origin().ends_with("\r\n\r\naaaaaaaaaa"), "{}", scene.at_origin());
}

/// What a scanner clears as it comes stays all the same where the whole is to be held: a finding is a
/// page, and no cut.
#[test]
fn the_whole_is_held_though_nobody_looks_at_parts_as_a_whole() {
    let (first, clean, word) = ("ab cd ef gh ij kl mn op ", "qr st ", "SECRET");
    for (hold, leaves) in [(HoldPolicy::Whole, ""), (HoldPolicy::Tail(4), first)] {
        let mut policy = (*policy(rules(), |_| {})).clone();
        let examiner = Arc::new(Secrets::of(Profile::new("words")));
        policy.scanners = vec![Scanner { name: "dlp", examiner, hold }];
        let policy = Arc::new(policy);
        let begun = || {
            let mut scene = Scene::new(policy.clone());
            scene.client(GET);
            let length = first.len() + word.len();
            scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{first}"));
            scene
        };
        let body = |scene: &Scene| {
            scene.at_client().split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.into())
        };
        let mut scene = begun();
        assert_eq!(body(&scene), leaves, "{hold:?}");
        scene.origin(clean);
        assert_eq!(body(&scene), format!("{first}{clean}"), "{hold:?}");

        let mut scene = begun();
        scene.origin(word);
        let is_page = scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n");
        assert_eq!(is_page, hold == HoldPolicy::Whole, "{hold:?}");
    }
}

/// Two findings make the profile match; the first one stays only where the profile says so.
#[test]
fn a_profile_says_from_when_on_bytes_are_held() {
    for (hold_from, early, late) in [
        (HoldFrom::Threshold, "ab SECRET cd ", "ab SECRET cd "),
        (HoldFrom::FirstMatch, "ab ", "ab "),
    ] {
        let mut profile = Profile::new("words");
        (profile.matches_min, profile.hold_from) = (2, hold_from);
        let mut policy = (*policy(rules(), |_| {})).clone();
        let examiner = Arc::new(Secrets::of(profile));
        policy.scanners = vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Pass }];
        let mut scene = Scene::new(Arc::new(policy));
        let request = post("ab SECRET cd SECRET ef");
        let (first, rest) = request.split_at(request.len() - "SECRET ef".len());
        scene.client(first);
        assert!(scene.at_origin().ends_with(&format!("\r\n\r\n{early}")), "{hold_from:?}");
        scene.client(rest);
        assert!(scene.at_origin().ends_with(&format!("\r\n\r\n{late}")), "{hold_from:?}");
        assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
        // One alone is no match: in the end everything leaves.
        let mut scene = Scene::new(scene.policy.clone());
        scene.client(post("ab SECRET cd"));
        assert!(scene.at_origin().ends_with("ab SECRET cd"), "{hold_from:?}");
    }
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let rule = Rule::new("many", Layer::Http, Action::Block, "dlp.upload.count > 10");
    let filter = r#"any(content.upload.unscannable[*] == "too_many")"#;
    let too_many = Rule::new("too many", Layer::Http, Action::Block, filter);
    let words = r#"any(dlp.upload.profiles[*] == "words")"#;
    let allow = || Rule::new("up", Layer::Http, Action::Allow, words);
    let scene = |rules, count: usize| {
        let mut scene = Scene::new(policy(rules, |settings| {
            settings.limits.inspect.findings_max = 10;
        }));
        scene.client(post(&"SECRET ".repeat(count)));
        scene
    };
    let rules = vec![too_many.clone(), rule, allow()];
    assert!(scene(rules.clone(), 10).at_origin().ends_with("SECRET "));
    let blocked = scene(rules, 11);
    assert!(blocked.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(warnings(&blocked).contains("1 findings beyond the limit"));
    // Who only counts does not refuse either.
    let mut passed = scene(vec![too_many, allow().log_only()], 11);
    assert!(passed.at_origin().ends_with("SECRET "), "{}", passed.at_client());
    passed.origin(OK);
    assert!(warnings(&passed).contains("counted in part only: too_many"));
}

/// A rule that is certain at the end alone refuses what is found so far: that has not left by then.
#[test]
fn what_the_end_may_refuse_stays_from_the_first_finding_on() {
    for (filter, body, stays, refused) in [
        ("dlp.upload.count == 1", "ab SECRET cd ef", "ab ", true),
        ("dlp.upload.count == 1", "ab SECRET cd SECRET ef", "", false),
        ("dlp.upload.count in {1 3}", "ab SECRET cd SECRET ef", "ab ", false),
        ("dlp.upload.count == 2", "ab SECRET cd SECRET ef", "ab SECRET cd ", true),
        ("dlp.upload.count < 2 and dlp.upload.count > 0", "ab SECRET cd", "ab ", true),
        (
            r#"any(dlp.upload.profiles[*] == "words") and not dlp.upload.count > 1"#,
            "ab SECRET cd SECRET",
            "ab ",
            false,
        ),
    ] {
        let rule = Rule::new("end", Layer::Http, Action::Block, filter);
        let mut scene = Scene::new(policy(vec![rule.clone()], |_| {}));
        let request = post(body);
        let (first, rest) = request.split_at(request.len() - body.len());
        scene.client(first);
        for byte in rest.as_bytes() {
            scene.client([*byte]);
        }
        let passed = scene.at_origin();
        if refused {
            assert!(passed.ends_with(&format!("\r\n\r\n{stays}")), "{filter}: {passed}");
            assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{filter}");
        } else {
            assert!(passed.ends_with(body), "{filter}: {passed}");
        }
    }
}

/// Gives up on everything.
struct Weary;

impl Examiner for Weary {
    fn open(&self, _: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        wanted.wants_any("dlp").then(|| Box::new(Self) as Box<dyn Inspector>)
    }
}

impl Inspector for Weary {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: 0 }
    }

    fn memory_max(&self) -> usize {
        0
    }

    fn push(&mut self, _: Window<'_>, _: &mut Findings) -> Progress {
        Progress::Done(Outcome::Unscannable(Unscannable::WorkExceeded))
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        Outcome::Clean
    }
}

#[test]
fn what_only_counting_could_not_look_at_refuses_nothing() {
    let filter = r#"any(content.upload.unscannable[*] == "work_exceeded")"#;
    let rule = Rule::new("weary", Layer::Http, Action::Block, filter);
    let words = || Rule::new("w", Layer::Http, Action::Block, "dlp.upload.count > 3");
    for (words, refused) in [(words(), true), (words().log_only(), false)] {
        let mut policy = (*policy(vec![rule.clone(), words], |_| {})).clone();
        let examiner = Arc::new(Weary);
        policy.scanners = vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Pass }];
        let mut scene = Scene::new(Arc::new(policy));
        scene.client(post("abc"));
        assert_eq!(scene.at_client().starts_with("HTTP/1.1 403 "), refused);
        if !refused {
            scene.origin(OK);
            assert!(warnings(&scene).contains("counted in part only: work_exceeded"));
        }
    }
}
