//! What stands in a prompt and what does not: the same word refuses a request in the one place alone.

use std::sync::Arc;

use gateway_log::Action as Done;
use gateway_proxy::{Catalogs, Policy, Prompts};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{GET, OK, Scene, policy};
use crate::websockets::{at_origin, open, up};

fn told(rows: &str) -> Arc<Policy> {
    let filter = r#"dlp.prompt.app == "talk" and any(dlp.prompt.profiles[*] == "words")"#;
    let rule = Rule::new("prompt", Layer::Http, Action::Block, filter);
    let mut catalogs = Catalogs::default();
    catalogs.prompts = Prompts::parse(rows).unwrap();
    policy(vec![rule], |settings| settings.catalogs = Arc::new(catalogs))
}

fn post(path: &str, fields: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST http://a.test{path} HTTP/1.1\r\nHost: a.test\r\n{fields}Content-Length: {length}\r\n\
         \r\n{body}"
    )
}

#[test]
fn the_prompt_alone_refuses() {
    let rows = "talk,POST,a.test,/talk/*,json:a[*].b\ntalk,POST,a.test,/form,form:p\n";
    for (path, fields, body, refused) in [
        ("/talk/1", "", r#"{"a": [{"b": "x SECRET"}]}"#, true),
        ("/talk/1", "", r#"{"a": [{"b": "x \u0053ECRET"}]}"#, true),
        ("/talk/1?q", "", r#"{"a": [{"c": "x SECRET", "b": "y"}], "b": "SECRET"}"#, false),
        ("/other", "", r#"{"a": [{"b": "x SECRET"}]}"#, false),
        ("/form", "Content-Type: application/x-www-form-urlencoded\r\n", "a=SECRET&p=x", false),
        ("/form", "Content-Type: application/x-www-form-urlencoded\r\n", "a=x&p=+%53ECRET", true),
        // Nobody knows where these are.
        ("/talk/1", "", "SECRET", true),
        ("/talk/1", "Content-Encoding: x-other\r\n", r#"{"c": "x SECRET"}"#, true),
    ] {
        for cut in [1, 7, 1 << 20] {
            let mut scene = Scene::new(told(rows));
            for piece in post(path, fields, body).as_bytes().chunks(cut) {
                scene.client(piece);
            }
            let is_refused = scene.at_client().starts_with("HTTP/1.1 403 ");
            assert_eq!(is_refused, refused, "{path} {body} by {cut}");
            if refused {
                assert!(!scene.at_origin().contains("SECRET"), "{}", scene.at_origin());
            } else {
                assert!(scene.at_origin().ends_with(body));
                scene.origin(OK);
            }
            let record = scene.requests()[0];
            let dlp = &record.inspection.upload_dlp;
            let app = if path == "/other" { "" } else { "talk" };
            assert_eq!(crate::scene::text(&dlp.prompt_app), app);
            let matched = dlp.prompt_profiles == ["words".into()];
            assert_eq!(matched, refused);
            let action = if refused { Done::Block } else { Done::Allow };
            assert_eq!(record.decision.action, Some(action));
        }
    }
}

#[test]
fn messages_carry_prompts_too() {
    let mut scene = open(told("talk,WS,a.test,/ws,json:b\n"), "");
    scene.client(up(0x81, r#"{"c": "SECRET"}"#));
    assert_eq!(at_origin(&mut scene), up(0x81, r#"{"c": "SECRET"}"#));
    scene.client(up(0x81, r#"{"b": "SECRET"}"#));
    assert!(at_origin(&mut scene).starts_with(&[0x88]), "closed");
    assert_eq!(scene.log().matches("SECRET").count(), 0);
}

#[test]
fn who_asks_for_nothing_is_told_nothing() {
    let mut scene = Scene::new(told("talk,GET,a.test,/x,json:b\n"));
    scene.client(GET);
    scene.origin(OK);
    assert!(scene.log().contains("\"PromptApplication\":\"talk\""), "{}", scene.log());
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin(OK);
    assert!(!scene.log().contains("Prompt"), "{}", scene.log());
}
