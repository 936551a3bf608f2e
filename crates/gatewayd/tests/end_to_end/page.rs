//! The page, clicked through in a real browser at two widths, without a word of the console.

use serde_json::json;
use std::path::Path;

use crate::admin::{Way, ask};
use crate::browser::Browser;
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::origin::Origin;

const RULES: &str = r#"# The rules of the test.

[[rule]]
id = "no-uploads"
name = "No uploads to the archive"
description = "Uploads go to the file server instead."
layer = "http"
action = "block"
filter = '''
http.request.method == "POST" and
  http.request.uri.path matches "^/archive/"
'''

[[rule]]
id = "moved"
name = "The handbook has moved"
layer = "http"
action = "redirect"
filter = 'http.request.uri.path == "/handbook"'
redirect = { to = "https://intranet.example/handbook" }

[[rule]]
id = "watch-scripts"
name = "Downloads of scripts"
layer = "http"
action = "block"
filter = 'http.request.uri.path contains ".sh"'
log_only = true
"#;

fn traffic(gateway: &Gateway, port: u16) {
    let url = |host: &str, path: &str| format!("http://{host}:{port}{path}");
    for number in 0..6 {
        fetch(gateway, &url("origin.test", &format!("/report/{number}")), &[]);
        fetch(gateway, &url("other.test", &format!("/image-{number}.png")), &[]);
    }
    fetch(gateway, &url("other.test", "/install.sh"), &[]);
    fetch(gateway, &url("origin.test", "/handbook"), &[]);
    for name in ["a", "b"] {
        fetch(gateway, &url("origin.test", &format!("/archive/{name}")), &["--request", "POST"]);
    }
}

#[test]
fn the_page_is_clicked_through_and_the_console_is_silent() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let tables = "[reload]\nwatch_ms = 0\n[admin]\nlisten = [\"127.0.0.1:0\"]\n";
    let gateway = Setup::new().rules(RULES).tables(tables).start();
    let way = Way::tcp(&gateway);
    let Way::Tcp(address, Some(token)) = &way else { panic!() };
    traffic(&gateway, origin.port);
    gateway.wait_for("the sums of the requests", |gateway| {
        let (_, top) = ask(gateway, &way, "GET /api/v1/stats/top?by=host&kind=http", None);
        let records = |n: usize| top["top"][n]["records"].as_u64().unwrap_or(0);
        (records(0) + records(1) == 16).then_some(())
    });
    let name = format!("browser-{}", std::process::id());
    let mut browser = Browser::start(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    browser.look(1280, 860, "light");
    browser.open(&format!("http://{address}/"));
    browser.wait_for("document.querySelector('#login[open]')");
    browser.click("#token");
    browser.write(token);
    browser.picture("login-1280");
    browser.click("#login button");
    overview(&mut browser);
    live(&mut browser, &gateway, origin.port);
    rules(&mut browser, &gateway);
    why(&mut browser);
    policy(&mut browser, &gateway, origin.port);
    narrow(&mut browser);
    assert_eq!(browser.errors(), [] as [serde_json::Value; 0]);
}

fn overview(browser: &mut Browser) {
    browser.wait_for_text(".tiles", "16");
    browser.wait_for_text(".bars", "origin.test");
    browser.wait_for_text(".bars", "no-uploads");
    browser.wait_for("document.querySelectorAll('svg.chart rect.blocked').length > 0");
    browser.wait_for_text("table", "sqlite");
    browser.wait_for_text("#health", "well");
    browser.picture("overview-1280");
    browser.look(1280, 860, "dark");
    browser.picture("overview-1280-dark");
    browser.look(1280, 860, "light");
}

fn live(browser: &mut Browser, gateway: &Gateway, port: u16) {
    browser.click("nav a[href='#/live']");
    browser.wait_for_text(".view-live .faint", "live");
    browser.wait_for_text("table.live", "/archive/b");
    let url = format!("http://origin.test:{port}/just-now");
    fetch(gateway, &url, &[]);
    browser.wait_for_text("table.live tbody tr:first-child", "/just-now");
    browser.picture("live-1280");
    browser.click("#live-filter");
    browser.write("archive/a");
    browser.wait_for("document.querySelectorAll('table.live tbody tr').length === 1");
    browser.click("table.live tbody tr");
    browser.wait_for_text("#drawer[open] .trail", "No uploads to the archive");
    browser.wait_for_text("#drawer[open] .trail", "http.request.method == \"POST\"");
    browser.wait_for_text("#drawer[open] .facts", "RequestID");
    browser.picture("record-1280");
    browser.press("Escape", 27);
    browser.wait_for("!document.querySelector('#drawer[open]')");
    // The keyboard opens it too.
    browser.say("document.querySelector('table.live tbody tr').focus()");
    browser.press("Enter", 13);
    browser.wait_for("document.querySelector('#drawer[open]')");
    browser.click("#drawer .close");
    browser.wait_for("!document.querySelector('#drawer[open]')");
}

fn rules(browser: &mut Browser, gateway: &Gateway) {
    browser.click("nav a[href='#/rules']");
    browser.wait_for_text("#rule-no-uploads .hits", "2 hits");
    browser.wait_for_text("#rule-watch-scripts", "counts only");
    browser.picture("rules-1280");
    browser.click("#rule-moved [role=switch]");
    browser.wait_for("document.querySelector('#rule-moved.off')");
    assert!(gateway.read("policy/rules.toml").contains("enabled = false"));
    browser.click("#rule-moved [role=switch]");
    browser.wait_for("document.querySelector('#rule-moved:not(.off)')");
}

fn why(browser: &mut Browser) {
    browser.click("nav a[href='#/why']");
    browser.click("#why-url");
    browser.write("http://origin.test/archive/new");
    browser.say("document.querySelector('#why-method').value = 'POST'");
    browser.click(".why button.primary");
    browser.wait_for_text(".verdict", "It is blocked.");
    browser.wait_for_text(".gates .trail", "No uploads to the archive");
    browser.picture("why-1280");
}

fn policy(browser: &mut Browser, gateway: &Gateway, port: u16) {
    browser.click("nav a[href='#/policy']");
    browser.wait_for("document.querySelector('#editor')?.value.includes('No uploads')");
    let change = |from: &str, to: &str| {
        let (from, to) = (json!(from), json!(to));
        format!(
            "(() => {{ const text = document.querySelector('#editor'); \
             text.value = text.value.replace({from}, {to}); \
             text.dispatchEvent(new Event('input', {{bubbles: true}})); }})()"
        )
    };
    browser.say(&change("http.request.uri.path contains", "http.request.uri.pth contains"));
    browser.wait_for_text(".diagnostics .error", "rules.toml:28:11");
    browser.wait_for_text(".diagnostics .error", "http.request.uri.path");
    browser.wait_for("document.querySelector('.gutter .error').innerText.trim() === '28'");
    browser.wait_for("document.querySelector('.behind mark').innerText === 'http.request.uri.pth'");
    browser.wait_for("document.querySelector('#apply').disabled");
    browser.click(".diagnostics .place");
    browser.wait_for("document.activeElement.id === 'editor'");
    browser.picture("policy-1280");
    browser.say(&change("http.request.uri.pth", "http.request.uri.path"));
    browser.say(&change("/handbook\"'", "/manual\"'"));
    browser.wait_for("!document.querySelector('#apply').disabled");
    browser.click("#reason");
    browser.write("the handbook is called manual now");
    browser.click("#apply");
    browser.wait_for_text(".versions", "the handbook is called manual now");
    let status =
        |path: &str| fetch(gateway, &format!("http://origin.test:{port}{path}"), &[]).status();
    assert_eq!((status("/manual"), status("/handbook")), (302, 200));
    browser.picture("versions-1280");
    browser.click("button[aria-label='Roll back to version 1']");
    browser.wait_for_text(".versions", "back to version 1");
    assert_eq!(gateway.read("policy/rules.toml"), RULES);
    assert_eq!((status("/manual"), status("/handbook")), (200, 302));
}

fn narrow(browser: &mut Browser) {
    browser.look(390, 844, "light");
    for (view, shown) in [
        ("overview", ".tile b"),
        ("live", "table.live tbody tr"),
        ("rules", "#rule-moved"),
        ("why", "#why-url"),
        ("policy", ".gutter span"),
    ] {
        browser.click(&format!("nav a[href='#/{view}']"));
        browser.wait_for(&format!("document.querySelector('main.view-{view} {shown}')"));
        if view == "overview" {
            browser.wait_for("document.querySelector('svg.chart')");
        }
        browser.picture(&format!("{view}-390"));
    }
    browser.look(390, 844, "dark");
    browser.click("nav a[href='#/live']");
    browser.wait_for("document.querySelector('table.live tbody tr')");
    browser.click("table.live tbody tr");
    browser.wait_for("document.querySelector('#drawer[open]')");
    browser.picture("record-390-dark");
}
