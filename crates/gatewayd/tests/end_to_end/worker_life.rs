//! The life of Workers' processes: started with the gateway, replaced without loss, gone with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::authority::trusting;
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::{Message, response};
use crate::workerd::{Lab, script, workerd};

const ALL: &str = r#"http.request.host == "origin.test""#;

fn hello(_: &Message) -> Vec<u8> {
    response("200 OK", "", b"hello\n")
}

/// Processes that the gateway has started.
fn children(gateway: &Gateway) -> usize {
    let pid = gateway.pid();
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of = |thread: fs::DirEntry| {
        fs::read_to_string(thread.path().join("children")).unwrap_or_default()
    };
    threads.map_while(Result::ok).map(of).map(|text| text.split_whitespace().count()).sum()
}

fn answer(text: &str) -> String {
    script(
        "",
        &format!("const r = await next(request); return new Response('{text} ' + await r.text());"),
    )
}

/// Ends what runs beside a test, however the test ends.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Four clients ask without a pause while the code is replaced three times.
#[test]
fn new_code_takes_over_without_a_lost_request() {
    let setup =
        Setup::new().forward("w", ALL).policy_file("workers/w/index.js", answer("version-0"));
    let mut lab = Lab::new(setup, hello);
    let config = trusting(&lab.gateway.ca());
    let over = AtomicBool::new(false);
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (lab, config, over, answered) = (&lab, &config, &over, &answered);
            scope.spawn(move || {
                let host = format!("origin.test:{}", lab.origin.port);
                let mut client = Client::tls(&lab.gateway, config, "origin.test", lab.origin.port);
                while !over.load(Ordering::Relaxed) {
                    let message = client.get("/", &host);
                    if message.head.field("connection") == Some("close") {
                        client = Client::tls(&lab.gateway, config, "origin.test", lab.origin.port);
                    }
                    assert_eq!(message.head.status(), 200, "{}", message.text());
                    let text = message.text();
                    assert!(text.starts_with("version-") && text.ends_with(" hello\n"), "{text}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _over = Over(&over);
        for version in 1..=3 {
            let name = "policy/workers/w/index.js";
            lab.gateway.write(name, &answer(&format!("version-{version}")));
            let before = answered.load(Ordering::Relaxed);
            lab.gateway.reload();
            let text = fetch(&lab.gateway, &lab.url("/"), &[]).text();
            assert_eq!(text, format!("version-{version} hello\n"), "{}", lab.gateway.terminal());
            lab.gateway.wait_for("more requests", |_| {
                (answered.load(Ordering::Relaxed) > before + 20).then_some(())
            });
        }
    });
    lab.gateway
        .wait_for("the end of old processes", |gateway| (children(gateway) == 1).then_some(()));
    let records = lab.gateway.stop();
    let requests = records.iter().filter(|r| r["RecordType"] == "http");
    let failed: Vec<_> = requests.filter(|r| r["WorkerOutcome"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn code_that_does_not_start_changes_nothing() {
    let setup = Setup::new()
        .forward("w", ALL)
        .policy_file("workers/w/index.js", answer("good"))
        .tables("[reload]\nwatch_ms = 100\n");
    let lab = Lab::new(setup, hello);
    let path = lab.gateway.policy_path("workers/w/index.js");
    fs::write(&path, "export class GatewayMiddleware { handle( {").unwrap();
    lab.gateway
        .wait_for("a word about it", |g| g.terminal().contains("does not start").then_some(()));
    assert_eq!(fetch(&lab.gateway, &lab.url("/"), &[]).text(), "good hello\n");
    fs::write(&path, "export const nothing = 1;").unwrap();
    let says = "exports no class GatewayMiddleware";
    lab.gateway.wait_for("a word about it", |g| g.terminal().contains(says).then_some(()));
    assert_eq!(fetch(&lab.gateway, &lab.url("/"), &[]).text(), "good hello\n");
    fs::write(&path, answer("better")).unwrap();
    lab.gateway.wait_for("the better version", |gateway| {
        (fetch(gateway, &lab.url("/"), &[]).text() == "better hello\n").then_some(())
    });
}

/// The process of a gateway's only Worker, and the gateway's folder of sockets.
fn process(gateway: &Gateway) -> (u32, PathBuf) {
    let mut threads = fs::read_dir(format!("/proc/{}/task", gateway.pid())).unwrap();
    let pid = threads
        .find_map(|thread| {
            fs::read_to_string(thread.ok()?.path().join("children")).ok()?.trim().parse().ok()
        })
        .unwrap();
    let own = fs::read_link(format!("/proc/{pid}/cwd")).unwrap();
    (pid, own.parent().unwrap().to_owned())
}

fn lives(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn processes_and_their_folder_go_with_the_gateway() {
    let setup = Setup::new().forward("w", ALL).policy_file("workers/w/index.js", answer("w"));
    let mut lab = Lab::new(setup, hello);
    assert_eq!(fetch(&lab.gateway, &lab.url("/"), &[]).text(), "w hello\n");
    assert_eq!(children(&lab.gateway), 1);
    let (pid, folder) = process(&lab.gateway);
    assert!(folder.exists() && lives(pid), "{folder:?} {pid}");
    lab.gateway.stop();
    assert!(!folder.exists(), "{folder:?} is left");
    assert!(!lives(pid), "{pid} is left");
}

/// Also when it cannot see to it any more: the kernel ends the process, the next gateway takes the
/// folder away.
#[test]
fn nothing_is_left_of_a_gateway_that_was_killed() {
    let setup = || Setup::new().forward("w", ALL).policy_file("workers/w/index.js", answer("w"));
    let lab = Lab::new(setup(), hello);
    // A process that a reload started has not been started by a thread that lasts as long as the
    // gateway does.
    lab.gateway.write("policy/workers/w/index.js", &answer("x"));
    lab.gateway.reload();
    lab.gateway.wait_for("the end of the first", |gateway| (children(gateway) == 1).then_some(()));
    assert_eq!(fetch(&lab.gateway, &lab.url("/"), &[]).text(), "x hello\n");
    let (pid, folder) = process(&lab.gateway);
    drop(lab);
    let other = Lab::new(setup(), hello);
    other.gateway.wait_for("the end of the process", |_| (!lives(pid)).then_some(()));
    assert!(!folder.exists(), "{folder:?} is left");
}

/// What is wrong is told with its place before anything runs.
#[test]
fn a_policy_that_cannot_work_is_refused() {
    let dir =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("worker-check-{}", std::process::id()));
    let policy = dir.join("policy");
    fs::create_dir_all(policy.join("workers/coach")).unwrap();
    let rule = |worker: &str| {
        format!(
            "[[rule]]\nid = \"r\"\nlayer = \"http\"\naction = \"forward\"\n{worker}filter = 'http.request.host == \"a\"'\n"
        )
    };
    let check = |rules: &str, settings: &str, config: &str| {
        fs::write(dir.join("gateway.toml"), config).unwrap();
        fs::write(policy.join("rules.toml"), rules).unwrap();
        fs::write(policy.join("workers/coach/worker.toml"), settings).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_gateway-proxy"))
            .arg("--state")
            .arg(&dir)
            .arg("check")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let with = format!("[workers]\nworkerd = \"{}\"\n", workerd().display());
    let good = rule("worker = \"coach\"\n");
    let (well, said) = check(&good, "", &with);
    assert!(
        !well && said.contains("worker.toml:1:1: the worker `coach` has no module `index.js`"),
        "{said}"
    );
    fs::write(policy.join("workers/coach/index.js"), answer("x")).unwrap();
    let (well, said) = check(&good, "", &with);
    assert!(well && said.contains("workers      1"), "{said}");
    for (rules, settings, config, says) in [
        (
            rule("worker = \"coahc\"\n"),
            "",
            &*with,
            "rules.toml:5:10: no worker is called `coahc`; did you mean `coach`?",
        ),
        (rule(""), "", &with, "rules.toml:4:10: rule `r`: the action `forward` needs a worker"),
        (good.clone(), "deadlin_ms = 1\n", &with, "worker.toml:1:1: unknown field `deadlin_ms`"),
        (good.clone(), "on_error = \"pass\"\n", &with, "worker.toml:1:12:"),
        (
            good.clone(),
            "\nheap_mib = 1\n",
            &with,
            "worker.toml:2:1: heap_mib: found 1, expected a number from 8",
        ),
        (
            good,
            "",
            "",
            "rule `r` forwards to the worker `coach`, but the setting `workers.workerd` names no workerd",
        ),
    ] {
        let (well, said) = check(&rules, settings, config);
        assert!(!well && said.contains(says), "{says}\n{said}");
    }
    fs::remove_dir_all(&dir).unwrap();
}
