//! What records show of matches: masked, and sealed to a key with what stands around them. Uploads and
//! downloads by `curl`; what the gateway wrote is opened by its own commands.

use serde_json::{Value, json};

use crate::authority::{OriginAuthority, Validity};
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::origin::Origin;

const CARD: &str = "4111 1111 1111 1111";
const SSN: &str = "536-22-1234";

const PROFILES: &str = r#"
[[profile]]
id = "financial"
entries = ["payment_card"]
payload_mask = "partial"

[[profile]]
id = "personal"
entries = ["us_ssn"]
mask = "partial"
"#;

/// Cards that go up are refused, those that come down are counted; both are kept. Social security
/// numbers are only counted.
const RULES: &str = r#"
[[rule]]
id = "up"
layer = "http"
action = "block"
filter = 'any(dlp.upload.profiles[*] == "financial")'
payload_log = true

[[rule]]
id = "down"
layer = "http"
action = "block"
log_only = true
filter = 'any(dlp.download.profiles[*] == "financial")'
payload_log = true

[[rule]]
id = "ssn"
layer = "http"
action = "block"
log_only = true
filter = 'any(dlp.profiles[*] == "personal")'
"#;

struct Lab {
    origin: Origin,
    gateway: Gateway,
    key: std::path::PathBuf,
}

/// A key as the program makes it: the file of the private half, and the public half.
fn key(name: &str) -> (std::path::PathBuf, String) {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = dir.join(format!("payload-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_gateway-proxy"))
        .args(["dlp", "key"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    (file, String::from_utf8(made.stdout).unwrap().trim().to_owned())
}

impl Lab {
    fn new(name: &str, settings: &str) -> Self {
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let origin = Origin::http(Some(tls), |_, out| {
            let text = format!("{} card {CARD}, of {SSN} end", "x".repeat(100));
            out.write_all(&response("200 OK", "", text.as_bytes()))
        });
        let (key, public) = key(name);
        let table = format!("[dlp]\npayload_key = \"{public}\"\n{settings}\n");
        let setup = Setup::new().tunnels_to(&origin).trusts(&authority).tables(&table);
        let gateway = setup.rules(RULES).policy_file("dlp.toml", PROFILES).start();
        Self { origin, gateway, key }
    }

    fn url(&self, path: &str) -> String {
        format!("https://origin.test:{}{path}", self.origin.port)
    }

    /// What `dlp decrypt` makes of all records, with the private half in `key`.
    fn decrypt(&self, key: &std::path::Path) -> (Option<i32>, Vec<Value>, String) {
        let records = self.gateway.scratch().join("records");
        std::fs::write(&records, self.gateway.records_text()).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gateway-proxy"))
            .args(["dlp", "decrypt", "--key"])
            .args([key, &records])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (output.status.code(), lines, String::from_utf8(output.stderr).unwrap())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.key);
    }
}

#[test]
fn matches_that_rules_keep_are_read_with_the_key_alone() {
    let lab = Lab::new("kept", "");
    for (number, flag) in ["--http1.1", "--http2"].into_iter().enumerate() {
        let path = format!("/up/{number}");
        let body = format!("my card is {CARD}, ssn {SSN} and more");
        let arguments = [flag, "-H", "Content-Type: text/plain", "--data-binary", &body];
        assert_eq!(fetch(&lab.gateway, &lab.url(&path), &arguments).status(), 403);
        let record = lab.gateway.http_record(&path);
        assert!(record["UploadDlpPayload"].is_string(), "{record}");
        assert!(record.get("UploadDlpMatches").is_none(), "{record}");
        let (status, opened, told) = lab.decrypt(&lab.key);
        assert_eq!((status, told.as_str()), (Some(0), ""));
        let opened = opened.iter().find(|it| it["RequestID"] == record["RequestID"]).unwrap();
        assert_eq!(opened["Direction"], "upload");
        let matches = opened["Matches"].as_array().unwrap();
        let [card] = &matches[..] else { panic!("{opened}") };
        assert_eq!(
            (&card["entry"], &card["profiles"]),
            (&json!("payment_card"), &json!(["financial"]))
        );
        assert_eq!(
            (&card["before"], &card["match"]),
            (&json!("my card is "), &json!("**** **** **** 1111"))
        );
        assert_eq!((&card["start"], &card["end"]), (&json!(11), &json!(30)));
        // What had come when the rule refused it; all that was found in it is masked, not the card alone.
        let after = card["after"].as_str().unwrap();
        assert!(", ssn ***-**-**** and more".starts_with(after), "{after}");
    }
    let fetched = fetch(&lab.gateway, &lab.url("/down"), &[]);
    assert!(fetched.text().contains(CARD), "{fetched:?}");
    let record = lab.gateway.http_record("/down");
    let (_, opened, _) = lab.decrypt(&lab.key);
    let opened = opened.iter().find(|it| it["RequestID"] == record["RequestID"]).unwrap();
    assert_eq!(opened["Direction"], "download");
    let card = &opened["Matches"][0];
    assert_eq!(card["before"], json!(format!("{} card ", "x".repeat(69))));
    assert_eq!(card["after"], json!(", of ***-**-**** end"));

    let (other, _) = key("other");
    let (status, opened, told) = lab.decrypt(&other);
    let _ = std::fs::remove_file(other);
    assert_eq!((status, opened), (Some(2), vec![]));
    assert_eq!(told.matches("it was sealed to another key").count(), 3, "{told}");
    let log = lab.gateway.records_text() + &lab.gateway.terminal();
    for clear in ["1111 1111", "4111", SSN, "my card", "xxxx"] {
        assert!(!log.contains(clear), "{clear} in {log}");
    }
}

#[test]
fn records_show_as_much_of_matches_as_they_are_told() {
    let lab = Lab::new("shown", "shown_matches_max = 1\nmask = \"full\"");
    let fetched =
        fetch(&lab.gateway, &lab.url("/one"), &["--data-binary", &format!("of {SSN}, {SSN}")]);
    assert_eq!(fetched.status(), 200);
    let record = lab.gateway.http_record("/one");
    let shown = json!([{"Entry": "us_ssn", "Start": 3, "Shown": "***-**-**34"}]);
    assert_eq!(record["UploadDlpMatches"], shown, "{record}");
    // A card has no mask of its own.
    let shown = json!([{
        "Entry": "payment_card", "Start": 106, "Shown": "**** **** **** ****",
    }]);
    assert_eq!(record["DownloadDlpMatches"], shown, "{record}");
    assert!(record.get("UploadDlpPayload").is_none(), "no rule has kept it: {record}");
}
