//! What records show of matches: masked ones, and what a rule has kept, which goes through the caller's
//! sealer. And that a match in a form is one.

use std::sync::Arc;

use gateway_inspect::{HoldPolicy, Mask, Profile};
use gateway_log::Direction;
use gateway_proxy::{PayloadMatch, Policy, Scanner, SealError, Sealer};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{OK, Scene, Secrets, policy, post, text};

/// Writes down what it is given, as no sealer must.
#[derive(Debug)]
struct Open;

impl Sealer for Open {
    fn seal(
        &self,
        request_id: &str,
        direction: Direction,
        matches: &[PayloadMatch],
    ) -> Result<String, SealError> {
        if request_id.is_empty() {
            return Err(SealError);
        }
        let one = |it: &PayloadMatch| {
            let PayloadMatch { part, start, before, matched, after, .. } = it;
            format!("{part}@{start} {before}[{matched}]{after}")
        };
        let all: Vec<String> = matches.iter().map(one).collect();
        Ok(format!("{}: {}", direction.as_str(), all.join("; ")))
    }
}

fn word(id: &str, action: Action) -> Rule {
    Rule::new(id, Layer::Http, action, r#"any(dlp.upload.profiles[*] == "words")"#)
}

/// A policy in which the word has these masks, in the profile and besides.
fn masked(rules: Vec<Rule>, shown_max: usize, [own, other]: [Option<Mask>; 2]) -> Arc<Policy> {
    let mut policy = (*policy(rules, |settings| {
        settings.matches.shown_max = shown_max;
        settings.matches.mask = other.unwrap_or_default();
        settings.matches.payload_mask = other.unwrap_or_default();
        settings.matches.sealer = Some(Arc::new(Open));
    }))
    .clone();
    let mut profile = Profile::new("words");
    (profile.mask, profile.payload_mask) = (own, own);
    let examiner = Arc::new(Secrets::of(profile));
    policy.scanners = vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Pass }];
    Arc::new(policy)
}

/// What comes when the rules know enough is looked at no more, and is not kept.
#[test]
fn what_a_rule_has_kept_is_sealed() {
    let clear = [None, Some(Mask::Clear)];
    for (rules, expected) in [
        (vec![word("w", Action::Block).logging_payload()], "upload: @2 a [SECRET] b "),
        (vec![word("w", Action::Block).log_only().logging_payload()], "upload: @2 a [SECRET] b "),
        (vec![word("w", Action::Block)], ""),
        (vec![word("w", Action::Block), word("x", Action::Block).logging_payload()], ""),
        // Of both directions, in one of which there is nothing.
        (
            vec![
                word("w", Action::Block).log_only(),
                Rule::new(
                    "d",
                    Layer::Http,
                    Action::Block,
                    "dlp.upload.count > 0 or dlp.download.count > 9",
                )
                .log_only()
                .logging_payload(),
            ],
            "upload: @2 a [SECRET] b ",
        ),
    ] {
        let mut scene = Scene::new(masked(rules, 0, clear));
        let request = post("a SECRET b c");
        let (first, rest) = request.split_at(request.len() - 1);
        scene.client(first);
        scene.client(rest);
        scene.origin(OK);
        let record = scene.requests()[0];
        assert_eq!(text(&record.inspection.upload_dlp.payload), expected);
        assert!(record.inspection.upload_dlp.matches.is_empty());
        assert_eq!(text(&record.inspection.download_dlp.payload), "");
        let log = scene.log();
        assert_eq!(log.contains("SECRET"), !expected.is_empty(), "{log}");
    }
}

#[test]
fn as_many_matches_are_shown_as_the_settings_say() {
    use Mask::{Clear, Full, Partial};
    for (shown_max, masks, expected) in [
        (0, [None, Some(Clear)], vec![]),
        (1, [None, None], vec!["******"]),
        (9, [None, Some(Partial)], vec!["S*****", "S*****"]),
        (9, [Some(Full), Some(Clear)], vec!["******", "******"]),
        (9, [Some(Clear), Some(Full)], vec!["SECRET", "SECRET"]),
    ] {
        let rule = word("w", Action::Block).log_only();
        let mut scene = Scene::new(masked(vec![rule], shown_max, masks));
        scene.client(post("SECRET, SECRET"));
        scene.origin(OK);
        let record = scene.requests()[0];
        let shown = record.inspection.upload_dlp.matches.iter();
        let shown: Vec<&str> = shown.map(|one| text(&one.shown)).collect();
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_match_in_a_form_is_one() {
    // Who counts wants to know of all.
    let rule = Rule::new("n", Layer::Http, Action::Block, "dlp.upload.count > 9");
    let mut scene = Scene::new(masked(vec![rule], 9, [Some(Mask::Clear), None]));
    let field = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body =
        [field("a", "x SECRET y"), field("b", "SECRET"), field("c", "no"), "--b--\r\n".into()];
    let body = body.concat();
    let head = format!(
        "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        body.len()
    );
    // Byte by byte, parts and container take turns in finding it first.
    for byte in format!("{head}{body}").as_bytes() {
        scene.client([*byte]);
    }
    scene.origin(OK);
    let record = scene.requests()[0];
    assert_eq!(record.inspection.upload_dlp.counts[0].count, 2);
    let base64 = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nU0VDUkVU\r\n--b--\r\n SECRET";
    let mut scene = Scene::new(scene.policy.clone());
    scene.client(head.replace(&body.len().to_string(), &base64.len().to_string()) + base64);
    scene.origin(OK);
    let record = scene.requests()[0];
    assert_eq!(record.inspection.upload_dlp.counts[0].count, 2, "of which one is packed");
}
