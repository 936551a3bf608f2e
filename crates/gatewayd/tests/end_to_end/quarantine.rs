//! Bodies that rules have kept aside: what gets into the store, in which form, what the record says of it, and
//! what the program's own commands make of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};

use serde_json::Value;

use crate::archive::{Encrypted, zip};
use crate::authority::{OriginAuthority, Validity};
use crate::curl::fetch;
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::{chunk, response};
use crate::origin::Origin;
use crate::scanning::EICAR;

/// What is found is kept aside, and nothing else.
const TABLE: &str = "[outcomes]\ninfected = \"quarantine\"\n";

/// Keeps requests and responses with own signatures aside.
const RULE: &str = r#"
[[rule]]
id = "aside"
name = "Kept aside"
layer = "http"
action = "quarantine"
filter = 'av.infected'
"#;

const WORM: &[u8] = b"own-worm-here";
const NDB: &str = "Own.Worm-1:0:*:6f776e2d776f726d2d68657265\n";

/// What `gateway-proxy quarantine` says to `words`: its status and both of its outputs.
fn command(gateway: &Gateway, words: &[&str]) -> (Option<i32>, String, String) {
    let words: Vec<&str> = std::iter::once("quarantine").chain(words.iter().copied()).collect();
    let output = gateway.command(&words);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The objects that `quarantine list` shows.
fn listed(gateway: &Gateway) -> Vec<Value> {
    let (status, list, told) = command(gateway, &["list"]);
    assert_eq!((status, told.as_str()), (Some(0), ""));
    list.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The body `id` as it is taken out.
fn released(gateway: &Gateway, id: &str, more: &[&str]) -> Result<Vec<u8>, String> {
    let out = gateway.scratch().join(format!("{id}.out"));
    let _ = fs::remove_file(&out);
    let place = out.display().to_string();
    let (status, _, told) = command(gateway, &[&["release", id, &place][..], more].concat());
    if status != Some(0) {
        assert!(!out.exists(), "{told}");
        return Err(told);
    }
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    Ok(fs::read(out).unwrap())
}

/// The file of the store with this `extension`.
fn file(gateway: &Gateway, id: &str, extension: &str) -> PathBuf {
    let config = gateway.scratch();
    config.parent().unwrap().join("quarantine").join(format!("{id}.{extension}"))
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn what_is_found_is_kept_as_it_came_over_every_protocol() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let packed = zip("inner.com", &EICAR.concat(), Encrypted::No);
    let body = packed.clone();
    let origin = Origin::http(Some(tls), move |_, out| {
        let fields = "Content-Type: application/zip\r\n";
        out.write_all(&response("200 OK", fields, &body))
    });
    let setup = Setup::new().tunnels_to(&origin).trusts(&authority);
    let gateway = setup.policy_file("av.toml", TABLE).start();
    for (number, flag) in ["--http1.1", "--http2"].into_iter().enumerate() {
        let path = format!("/down/{number}");
        let url = format!("https://origin.test:{}{path}", origin.port);
        let fetched = fetch(&gateway, &url, &[flag]);
        assert_eq!(fetched.status(), 403, "{flag}");
        assert!(fetched.text().contains("av.toml/quarantine"), "{}", fetched.text());
        let record = gateway.http_record(&path);
        assert_eq!(record["Action"], "quarantine", "{record}");
        assert_eq!(record["PolicyID"], "av.toml/quarantine", "{record}");
        assert_eq!(record["Quarantine"], "stored", "{record}");
        assert_eq!(record["QuarantinePartial"], false, "{record}");
        assert_eq!(record["QuarantineBytes"], packed.len(), "{record}");
        assert_eq!(record["QuarantineSHA256"], sha256(&packed), "{record}");
        let id = record["QuarantineID"].as_str().unwrap();

        let told = listed(&gateway).into_iter().find(|told| told["ID"] == id).unwrap();
        assert_eq!(told["URL"], url);
        assert_eq!(told["HTTPHost"], "origin.test", "{told}");
        assert_eq!(told["RequestID"], record["RequestID"], "{told}");
        assert_eq!(told["SourceIP"], "127.0.0.1", "{told}");
        assert_eq!(told["ContentType"], "application/zip", "{told}");
        assert_eq!(told["FileType"], "zip", "{told}");
        assert_eq!(told["Direction"], "download", "{told}");
        assert_eq!(told["Findings"][0]["Part"], "zip:inner.com", "{told}");
        let found = told["Findings"][0]["Name"].as_str().unwrap().to_lowercase();
        assert!(found.contains("eicar"), "{told}");
        let (status, shown, _) = command(&gateway, &["show", id]);
        assert_eq!(status, Some(0));
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), told);

        for extension in ["gwq", "json"] {
            let mode = fs::metadata(file(&gateway, id, extension)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{extension}");
        }
        let held = fs::read(file(&gateway, id, "gwq")).unwrap();
        assert!(!contains(&held, b"inner.com") && held.starts_with(b"GWQ1"), "{held:?}");
        assert_eq!(released(&gateway, id, &[]).unwrap(), packed);
        let (status, _, told) = command(&gateway, &["release", id, "/"]);
        assert!(status != Some(0) && !told.is_empty());
    }
    assert_eq!(listed(&gateway).len(), 2);
}

#[test]
fn uploads_are_kept_too_and_the_origin_gets_nothing() {
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let origin = Origin::http(None, move |_, out| {
        *count.lock().unwrap() += 1;
        out.write_all(&response("200 OK", "", b"thanks"))
    });
    let setup = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB);
    let gateway = setup.start();
    let body = [&b"before "[..], WORM, b" and what is behind it"].concat();
    let upload = gateway.scratch().join("upload");
    fs::write(&upload, &body).unwrap();
    let data = format!("@{}", upload.display());
    let url = format!("http://origin.test:{}/up", origin.port);
    let fetched = fetch(&gateway, &url, &["--data-binary", &data, "-H", "Content-Type: text/x"]);
    assert_eq!(fetched.status(), 403);
    let record = gateway.http_record("/up");
    assert_eq!(record["PolicyName"], "Kept aside", "{record}");
    assert_eq!(record["Quarantine"], "stored", "{record}");
    assert_eq!(record["QuarantinePartial"], false, "{record}");
    let told = listed(&gateway).pop().unwrap();
    assert_eq!(told["Direction"], "upload", "{told}");
    assert_eq!(told["ContentType"], "text/x", "{told}");
    assert_eq!(released(&gateway, told["ID"].as_str().unwrap(), &[]).unwrap(), body);
    assert_eq!(*asked.lock().unwrap(), 0);
}

/// The finding stands before the end: the body is taken in to its end before anybody hears of it.
#[test]
fn a_body_that_is_found_in_is_taken_in_to_its_end() {
    let (begun, has_begun) = mpsc::channel::<()>();
    let (go, may_go) = mpsc::channel::<()>();
    let (begun, may_go) = (Mutex::new(begun), Mutex::new(may_go));
    let origin = Origin::http(None, move |request, out| {
        if request.head.target() == "/other" {
            return out.write_all(&response("200 OK", "", b"clean"));
        }
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        out.write_all(&chunk(WORM))?;
        out.flush()?;
        begun.lock().unwrap().send(()).unwrap();
        // The end comes once the gateway has served others meanwhile.
        may_go.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        out.write_all(&chunk(b" the end"))?;
        out.write_all(b"0\r\n\r\n")
    });
    let gateway = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB).start();
    let url = format!("http://origin.test:{}/late", origin.port);
    let fetched = std::thread::scope(|scope| {
        let fetching = scope.spawn(|| fetch(&gateway, &url, &[]));
        has_begun.recv_timeout(PATIENCE).unwrap();
        let other = format!("http://origin.test:{}/other", origin.port);
        assert_eq!(fetch(&gateway, &other, &[]).status(), 200);
        assert!(listed(&gateway).is_empty());
        go.send(()).unwrap();
        fetching.join().unwrap()
    });
    assert_eq!(fetched.status(), 403);
    let record = gateway.http_record("/late");
    assert_eq!(record["QuarantinePartial"], false, "{record}");
    let id = record["QuarantineID"].as_str().unwrap();
    assert_eq!(released(&gateway, id, &[]).unwrap(), [WORM, b" the end"].concat());
}

#[test]
fn of_a_body_that_has_begun_to_leave_the_rest_is_kept() {
    let text = b"nothing to see here\n".repeat(20_000);
    let sent = text.clone();
    let origin = Origin::http(None, move |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        out.write_all(&chunk(&sent))?;
        out.write_all(&chunk(WORM))?;
        out.write_all(b"0\r\n\r\n")
    });
    let gateway = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB).start();
    let url = format!("http://origin.test:{}/begun", origin.port);
    let fetched = fetch(&gateway, &url, &[]);
    assert!([18, 56].contains(&fetched.exit) && !fetched.body.is_empty(), "{}", fetched.exit);
    let record = gateway.http_record("/begun");
    assert_eq!(record["Quarantine"], "stored", "{record}");
    assert_eq!(record["QuarantinePartial"], true, "{record}");
    let left = record["BytesReleasedBeforeBlock"].as_u64().unwrap();
    let told = listed(&gateway).pop().unwrap();
    assert_eq!(told["From"], left, "{told}");
    assert_eq!(told["Partial"], true, "{told}");
    let whole = [&text[..], WORM].concat();
    let rest = released(&gateway, told["ID"].as_str().unwrap(), &[]).unwrap();
    let left = usize::try_from(left).unwrap();
    assert!(left > 0 && whole[left..].starts_with(&rest), "{left} {}", rest.len());
    assert!(contains(&rest, WORM), "what was found is in it");
}

#[test]
fn what_breaks_off_is_kept_in_part() {
    let origin = Origin::http(None, |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
        out.write_all(WORM)?;
        Err(std::io::ErrorKind::ConnectionAborted.into())
    });
    let gateway = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB).start();
    let url = format!("http://origin.test:{}/broken", origin.port);
    assert_eq!(fetch(&gateway, &url, &[]).status(), 403);
    let record = gateway.http_record("/broken");
    assert_eq!(record["QuarantinePartial"], true, "{record}");
    let id = record["QuarantineID"].as_str().unwrap();
    assert_eq!(released(&gateway, id, &[]).unwrap(), WORM);
}

#[test]
fn limits_keep_nothing_and_refuse_all_the_same() {
    let body = [WORM, &[b'x'; 3000]].concat();
    let origin = Origin::fixed(None, response("200 OK", "", &body));
    for (table, why) in [
        ("body_bytes_max = 2048\n", "too_large"),
        ("dir = \"\"\n", "no_store"),
        // A file stands where the folder should be.
        ("dir = \"gateway.toml\"\n", "io"),
    ] {
        let setup = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB);
        let gateway = setup.tables(&format!("[quarantine]\n{table}")).start();
        let url = format!("http://origin.test:{}/x", origin.port);
        assert_eq!(fetch(&gateway, &url, &[]).status(), 403, "{why}");
        let record = gateway.http_record("/x");
        assert_eq!(record["Action"], "quarantine", "{record}");
        assert_eq!(record["Quarantine"], "failed", "{record}");
        assert_eq!(record["QuarantineDetail"], why, "{record}");
        assert!(record.get("QuarantineID").is_none(), "{record}");
    }
    // One fits, and no other until it is deleted.
    let setup = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB);
    let gateway = setup.tables("[quarantine]\nbodies_max = 1\n").start();
    for (path, outcome) in [("/1", "stored"), ("/2", "failed"), ("/3", "stored")] {
        let url = format!("http://origin.test:{}{path}", origin.port);
        assert_eq!(fetch(&gateway, &url, &[]).status(), 403, "{path}");
        let record = gateway.http_record(path);
        assert_eq!(record["Quarantine"], outcome, "{record}");
        let mut all = listed(&gateway);
        assert_eq!(all.len(), 1, "{all:?}");
        if outcome == "failed" {
            assert_eq!(record["QuarantineDetail"], "full", "{record}");
            let id = all.pop().unwrap()["ID"].as_str().unwrap().to_owned();
            let (status, _, told) = command(&gateway, &["delete", &id]);
            assert_eq!((status, told.as_str()), (Some(0), ""));
            assert!(listed(&gateway).is_empty() && !file(&gateway, &id, "gwq").exists());
            let (status, ..) = command(&gateway, &["delete", &id]);
            assert_eq!(status, Some(2), "there is none any more");
        }
    }
    // A rule that refuses a request for its head has no body to keep.
    let rule = RULE.replace("av.infected", "http.request.uri.path == \"/head\"");
    let gateway = Setup::new().rules(&rule).start();
    let url = format!("http://origin.test:{}/head", origin.port);
    assert_eq!(fetch(&gateway, &url, &[]).status(), 403);
    assert_eq!(gateway.http_record("/head")["QuarantineDetail"], "no_body");
}

/// A key as the program makes it: the file of the private half, and the public half.
fn key(dir: &Path, name: &str) -> (String, String) {
    let file = dir.join(format!("quarantine-{name}-{}", std::process::id()));
    let _ = fs::remove_file(&file);
    let program = env!("CARGO_BIN_EXE_gateway-proxy");
    let made = Command::new(program).args(["dlp", "key"]).arg(&file).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let public = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    (file.display().to_string(), public)
}

#[test]
fn what_is_sealed_comes_out_with_the_key_alone() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ((private, public), (other, _)) = (key(dir, "own"), key(dir, "other"));
    let body = [&b"GIF89a"[..], &b"x".repeat(200_000), WORM].concat();
    let origin = Origin::fixed(None, response("200 OK", "", &body));
    let tables =
        format!("[quarantine]\nkey = \"{public}\"\n[release]\ntypes = {{ gif = \"hold\" }}\n");
    let setup = Setup::new().rules(RULE).policy_file("av/own.ndb", NDB);
    let gateway = setup.tables(&tables).start();
    let url = format!("http://origin.test:{}/sealed", origin.port);
    assert_eq!(fetch(&gateway, &url, &[]).status(), 403);
    let record = gateway.http_record("/sealed");
    let id = record["QuarantineID"].as_str().unwrap_or_else(|| panic!("{record}"));
    assert_eq!(listed(&gateway)[0]["Sealed"], true);
    assert!(released(&gateway, id, &[]).unwrap_err().contains("name the private key"));
    let told = released(&gateway, id, &["--key", &other]).unwrap_err();
    assert!(told.contains("sealed to another key"), "{told}");
    assert_eq!(released(&gateway, id, &["--key", &private]).unwrap(), body);
    // One byte of it is changed.
    let held = file(&gateway, id, "gwq");
    let mut bytes = fs::read(&held).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&held, bytes).unwrap();
    let told = released(&gateway, id, &["--key", &private]).unwrap_err();
    assert!(told.contains("it was changed"), "{told}");
    for file in [private, other] {
        let _ = fs::remove_file(file);
    }
    // All that is older than no day at all.
    let (status, said, _) = command(&gateway, &["purge", "--days", "0"]);
    assert_eq!((status, said.as_str()), (Some(0), "1 deleted\n"));
    assert!(listed(&gateway).is_empty());
}
