//! A download in headless Chromium: its page, without a script in it, then the file; and a page that ends in
//! the block page.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::gateway::{PATIENCE, Setup};
use crate::identity_browser::Browser;
use crate::progress::{Lab, TABLES};

/// Waits until the page says `words`.
fn wait_for(browser: &mut Browser, words: &str) {
    let until = Instant::now() + 3 * PATIENCE;
    loop {
        let asked = json!({"expression": "document.body.innerText"});
        let result = browser.call("Runtime.evaluate", asked);
        let text = result["result"]["value"].as_str().unwrap_or_default();
        if text.contains(words) {
            return;
        }
        assert!(Instant::now() < until, "no {words}: {text}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the file is there and whole.
fn downloaded(browser: &mut Browser, file: &Path) -> Vec<u8> {
    let until = Instant::now() + 3 * PATIENCE;
    while !file.exists() {
        assert!(Instant::now() < until, "no {}", file.display());
        // What the browser asks meanwhile is attended to.
        browser.call("Runtime.evaluate", json!({"expression": "1"}));
        thread::sleep(Duration::from_millis(50));
    }
    fs::read(file).unwrap()
}

#[test]
fn a_browser_shows_the_page_and_then_gets_the_file_or_the_block_page() {
    let lab = Lab::new(Setup::new().tables(TABLES));
    let folder = lab.gateway.scratch().join("got");
    let mut browser = Browser::start(&lab.gateway, ("nobody", ""));
    let allow = json!({"behavior": "allow", "downloadPath": folder});
    browser.call("Page.setDownloadBehavior", allow);
    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));

    let url = format!("{}/clean/file.zip", lab.secure());
    browser.call("Page.navigate", json!({"url": url}));
    wait_for(&mut browser, "being scanned");
    lab.go();
    let got = downloaded(&mut browser, &folder.join("got.bin"));
    assert!(got == lab.clean, "{} bytes", got.len());

    let url = format!("{}/bad/file.tar", lab.secure());
    browser.call("Page.navigate", json!({"url": url}));
    wait_for(&mut browser, "being scanned");
    lab.go();
    wait_for(&mut browser, "Rule malware");
    assert_eq!(lab.gateway.http_record("/bad/file.tar")["ReleaseMode"], "progress");
}
