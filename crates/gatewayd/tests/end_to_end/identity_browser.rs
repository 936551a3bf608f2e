//! A page in headless Chromium through a gateway that asks who is there: the browser's dialog for
//! the proxy's password is answered over the DevTools protocol.

use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::identity::{Lab, users};

/// A browser that does what it is told over a pipe: JSON with a NUL behind it, either way.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    sent: u64,
    session: Option<String>,
    /// Name and password for the proxy.
    credentials: (&'static str, &'static str),
    /// How often the proxy has asked.
    asked: usize,
}

impl Browser {
    /// Starts one whose proxy is `gateway`.
    pub(crate) fn start(gateway: &Gateway, credentials: (&'static str, &'static str)) -> Self {
        let profile = gateway.scratch().join(format!("profile-{}", credentials.0));
        // The browser speaks on the descriptors 3 and 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec chromium \"$@\" 3<&0 4>&1 >/dev/null 2>&1", "chromium"])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-dev-shm-usage"])
            .args(["--remote-debugging-pipe", "--ignore-certificate-errors"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--proxy-server=http://127.0.0.1:{}", gateway.port))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (say, from) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            for byte in BufReader::new(out).bytes().map_while(Result::ok) {
                if byte != 0 {
                    message.push(byte);
                } else if say.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    return;
                } else {
                    message.clear();
                }
            }
        });
        let mut browser = Self { child, to, from, sent: 0, session: None, credentials, asked: 0 };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let target = &target["targetId"];
        let attached =
            browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser.call("Fetch.enable", json!({"handleAuthRequests": true}));
        browser
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        self.sent
    }

    /// Gives the result of a command; events are attended to meanwhile.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters);
        loop {
            let message = self.from.recv_timeout(3 * PATIENCE).unwrap();
            if message["id"] == id {
                return message["result"].clone();
            }
            self.attend(&message);
        }
    }

    fn attend(&mut self, event: &Value) {
        let request = &event["params"]["requestId"];
        match event["method"].as_str() {
            Some("Fetch.requestPaused") => {
                self.send("Fetch.continueRequest", json!({"requestId": request}));
            }
            Some("Fetch.authRequired") => {
                let challenge = &event["params"]["authChallenge"];
                assert_eq!(
                    (&challenge["source"], &challenge["scheme"]),
                    (&json!("Proxy"), &json!("basic"))
                );
                assert_eq!(challenge["realm"], "gateway");
                self.asked += 1;
                assert!(self.asked < 4, "it asks again and again");
                let (username, password) = self.credentials;
                let answer = json!({"response": "ProvideCredentials", "username": username, "password": password});
                self.send(
                    "Fetch.continueWithAuth",
                    json!({"requestId": request, "authChallengeResponse": answer}),
                );
            }
            _ => {}
        }
    }

    /// The text of the page at `url`, once it is there.
    fn visit(&mut self, url: &str) -> String {
        self.call("Page.navigate", json!({"url": url}));
        let until = Instant::now() + 3 * PATIENCE;
        loop {
            let asked = json!({"expression": "location.href + '\\n' + document.readyState + '\\n' + document.body.innerText"});
            let result = self.call("Runtime.evaluate", asked);
            let value = result["result"]["value"].as_str().unwrap_or_default();
            if let Some(text) = value.strip_prefix(&format!("{url}\ncomplete\n")) {
                return text.to_owned();
            }
            assert!(Instant::now() < until, "{url}: {value}");
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_browser_asks_its_user_once_and_rules_tell_users_apart() {
    let people = users(&[("alice", "geheim", "staff"), ("bob", "hunter2", "guests")]);
    let guests =
        r#"http.request.uri.path == "/staff" and any(identity.groups.name[*] == "guests")"#;
    let setup = Setup::new()
        .tables("[identity]\nrequired = true\nusers = \"users.toml\"\n")
        .file("users.toml", &people)
        .block("guests", guests);
    let mut lab = Lab::new(setup);
    for (name, password, blocked) in [("alice", "geheim", false), ("bob", "hunter2", true)] {
        let mut browser = Browser::start(&lab.gateway, (name, password));
        for url in lab.urls("/staff") {
            let text = browser.visit(&url);
            let (wanted, not) =
                if blocked { ("Rule guests", "hello") } else { ("hello", "Rule guests") };
            assert!(text.contains(wanted) && !text.contains(not), "{name} {url}: {text}");
        }
        // The first page asks; the browser knows the answer from then on.
        assert_eq!(browser.asked, 1, "{name}");
    }
    let records = lab.gateway.stop();
    for (email, status) in [("alice@corp.test", 200), ("bob@corp.test", 403)] {
        let of = |r: &&Value| {
            r["RecordType"] == "http"
                && r["Email"] == email
                && r["HTTPStatusCode"] == status
                && r["URL"].as_str().is_some_and(|url| url.ends_with("/staff"))
        };
        assert_eq!(records.iter().filter(of).count(), 2, "{email}: {records:?}");
    }
}
