//! A headless Chromium that is told what to do over its debugging pipe: JSON messages, each ended
//! by a zero byte, on the descriptors 3 and 4.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::gateway::PATIENCE;

/// What an answer takes at most; a browser starts slowly on a busy machine.
const ANSWER: Duration = Duration::from_secs(60);

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    dir: PathBuf,
    to: File,
    from: Receiver<Value>,
    next: u64,
    session: String,
    /// What the console said that should not be there.
    errors: Vec<Value>,
}

impl Browser {
    /// Starts one with a profile of its own in `dir`.
    pub(crate) fn start(dir: &Path) -> Self {
        fs::create_dir_all(dir).unwrap();
        let (near, far) = (dir.join("to"), dir.join("from"));
        assert!(Command::new("mkfifo").args([&near, &far]).status().unwrap().success());
        let script = "exec chromium --headless --no-sandbox --disable-gpu --disable-quic \
            --no-first-run --disable-background-networking --disable-component-update \
            --disable-sync --disable-dev-shm-usage --hide-scrollbars --no-proxy-server \
            --user-data-dir=\"$1/profile\" --remote-debugging-pipe 3<\"$1/to\" 4>\"$1/from\"";
        let child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(dir)
            .env("HOME", dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own, so that its children go with it.
            .process_group(0)
            .spawn()
            .unwrap();
        // Open for both, neither end waits for the other.
        let both = |path| OpenOptions::new().read(true).write(true).open(path).unwrap();
        let (to, lines) = (both(&near), BufReader::new(both(&far)));
        let (sender, from) = mpsc::channel();
        thread::spawn(move || {
            for message in lines.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).unwrap();
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let (session, errors) = (String::new(), Vec::new());
        let dir = dir.to_owned();
        let mut browser = Self { child, dir, to, from, next: 0, session, errors };
        let page = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": page["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method of the debugging protocol.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let mut message = json!({"id": self.next, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        let until = Instant::now() + ANSWER;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let answer =
                self.from.recv_timeout(left).map_err(|_| format!("{method}: silence")).unwrap();
            if answer["id"] == self.next {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.note(answer);
        }
    }

    fn note(&mut self, event: Value) {
        let params = &event["params"];
        let bad = match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => true,
            "Runtime.consoleAPICalled" => {
                ["error", "assert"].iter().any(|kind| params["type"] == *kind)
            }
            "Log.entryAdded" => params["entry"]["level"] == "error",
            _ => false,
        };
        if bad {
            self.errors.push(event);
        }
    }

    /// What the console said that should not be there.
    pub(crate) fn errors(&mut self) -> &[Value] {
        while let Ok(event) = self.from.try_recv() {
            self.note(event);
        }
        &self.errors
    }

    /// Sets width and height of the window, and its colours: `light` or `dark`.
    pub(crate) fn look(&mut self, width: u32, height: u32, colours: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let features = json!([{"name": "prefers-color-scheme", "value": colours}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Goes to `url`.
    pub(crate) fn open(&mut self, url: &str) {
        let gone = self.call("Page.navigate", json!({"url": url}));
        assert!(gone["errorText"].is_null(), "{url}: {gone}");
    }

    /// What an expression of the page says.
    pub(crate) fn say(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let said = self.call("Runtime.evaluate", params);
        assert!(said["exceptionDetails"].is_null(), "{expression}: {said}");
        said["result"]["value"].clone()
    }

    /// Waits until an expression of the page is true.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE * 2;
        while self.say(&format!("Boolean({expression})")) != json!(true) {
            let seen = self.say("document.body?.innerText");
            assert!(Instant::now() < until, "no sign of {expression}\n{seen}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page shows `text` within what `selector` finds.
    pub(crate) fn wait_for_text(&mut self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.wait_for(&format!(
            "[...document.querySelectorAll({selector})].some((one) => one.innerText.includes({text}))"
        ));
    }

    /// Clicks the first element that `selector` finds, with the mouse.
    pub(crate) fn click(&mut self, selector: &str) {
        let found = json!(selector);
        self.wait_for(&format!("document.querySelector({found})"));
        let place = self.say(&format!(
            "(() => {{ const one = document.querySelector({found}); \
             one.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             const box = one.getBoundingClientRect(); \
             return [box.x + Math.min(box.width / 2, 60), box.y + box.height / 2]; }})()"
        ));
        let mut mouse = json!({"x": place[0], "y": place[1], "button": "left", "clickCount": 1});
        for kind in ["mousePressed", "mouseReleased"] {
            mouse["type"] = json!(kind);
            self.call("Input.dispatchMouseEvent", mouse.clone());
        }
    }

    /// Types into what has the focus.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let mut stroke = json!({"type": kind, "key": key, "code": key});
            stroke["windowsVirtualKeyCode"] = json!(code);
            if key == "Enter" && kind == "keyDown" {
                stroke["text"] = json!("\r");
            }
            self.call("Input.dispatchKeyEvent", stroke);
        }
    }

    /// Takes a picture, which must not be wider than the window.
    pub(crate) fn picture(&mut self, name: &str) {
        let wide = self.say("document.documentElement.scrollWidth - innerWidth");
        assert!(wide.as_i64().unwrap() <= 0, "{name}: {wide} pixels too wide");
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        fs::create_dir_all(&folder).unwrap();
        let file = File::create(folder.join(format!("{name}.png"))).unwrap();
        let mut decode = Command::new("base64");
        let mut decode = decode.arg("-d").stdin(Stdio::piped()).stdout(file).spawn().unwrap();
        let text = shot["data"].as_str().unwrap();
        decode.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(decode.wait().unwrap().success());
        assert!(text.len() > 8_000, "{name}: an empty picture");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}
