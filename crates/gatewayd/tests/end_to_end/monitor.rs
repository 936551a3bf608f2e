//! What those who watch the gateway see: metrics, health, the last reload, and an alert that goes
//! all the way to whoever is told of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::authority::{OriginAuthority, Validity};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::{Message, read_head, read_response, response};
use crate::origin::Origin;
use crate::ports::free_port;

pub(crate) const MONITOR: &str = "[monitor]\nlisten = [\"127.0.0.1:0\"]\n";

/// Where the monitor of `gateway` listens.
pub(crate) fn port(gateway: &Gateway) -> u16 {
    gateway.wait_for("the address of the monitor", |gateway| {
        let terminal = gateway.terminal();
        let rest = terminal.split("for those who watch address=127.0.0.1:").nth(1)?;
        rest.split_whitespace().next()?.parse().ok()
    })
}

/// The answer to a GET, as it comes.
pub(crate) fn ask(port: u16, path: &str) -> Message {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    read_response(&mut BufReader::new(stream), "GET").unwrap()
}

/// The value of the series that begins with `name`.
pub(crate) fn value(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find(|line| line.starts_with(name) && !line.starts_with('#'));
    assert!(line.is_some(), "no {name} in\n{metrics}");
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

/// Names of metrics that a file of `deploy` speaks of, without what histograms append.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let words = text.split(word).filter(|word| word.starts_with("gateway_"));
    let ends = ["_bucket", "_sum", "_count"];
    words
        .map(|word| ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned())
        .collect()
}

#[test]
fn metrics_tell_of_traffic_and_are_sound_at_a_thousand_rules() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let secure = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let broken = response("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b no gzip");
    let plain = Origin::fixed(None, broken);
    let log_only = |n| {
        format!(
            "[[rule]]\nid = \"r{n:04}\"\nlayer = \"http\"\naction = \"block\"\nlog_only = true\n\
             filter = 'http.request.uri.path == \"/\" and net.dst.port != {n}'\n"
        )
    };
    let rules: String = (1..1_000).map(log_only).collect();
    let gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .rules(&rules)
        .block("no", r#"http.request.uri.path == "/no" or av.infected"#)
        .tables(MONITOR)
        .start();
    let port = port(&gateway);
    let url = format!("https://origin.test:{}", secure.port);
    assert_eq!(fetch(&gateway, &format!("{url}/"), &["--http1.1"]).status(), 200);
    assert_eq!(fetch(&gateway, &format!("{url}/no"), &["--http1.1"]).status(), 403);
    fetch(&gateway, &format!("http://origin.test:{}/", plain.port), &[]);
    fetch(&gateway, "http://origin.test:1/", &[]);
    let metrics = gateway.wait_for("the counts of four requests", |_| {
        let metrics = ask(port, "/metrics").text();
        let counted: f64 = metrics
            .lines()
            .filter(|line| line.starts_with("gateway_requests_total{"))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
            .sum();
        (counted >= 4.0).then_some(metrics)
    });
    for (series, expected) in [
        ("gateway_requests_total{protocol=\"http1.1\",action=\"block\"}", 1.0),
        ("gateway_rule_decisions_total{rule=\"no\",action=\"block\"}", 1.0),
        ("gateway_rule_matches_total{rule=\"r0500\",mode=\"log\"}", 3.0),
        ("gateway_refused_total{reason=\"rule\"}", 1.0),
        ("gateway_request_errors_total{protocol=\"http1.1\",reason=\"origin_unreachable\"}", 1.0),
        ("gateway_scanner_failures_total{fails=\"open\"}", 1.0),
        ("gateway_client_tls_seconds_count", 2.0),
        ("gateway_policy_rules", 1_000.0),
        ("gateway_config_generation", 1.0),
        ("gateway_config_last_reload_successful", 1.0),
        ("gateway_sink_dropped_records_total{sink=", 0.0),
    ] {
        assert!((value(&metrics, series) - expected).abs() < 1e-9, "{series}\n{metrics}");
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(value(&metrics, "gateway_ca_not_after_timestamp_seconds") > now.as_secs_f64());
    assert!(!metrics.contains("origin.test"), "a host is a label\n{metrics}");
    // Both sorts of rules and the dashboard speak of metrics that there are.
    let exported: BTreeSet<String> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .map(str::to_owned)
        .collect();
    for file in
        ["prometheus/recording-rules.yml", "prometheus/alert-rules.yml", "grafana/gateway.json"]
    {
        let text = fs::read_to_string(deploy(file)).unwrap();
        let named = metrics_in(&text);
        let missing: Vec<_> = named.difference(&exported).collect();
        assert!(!named.is_empty() && missing.is_empty(), "{file}: {missing:?}\n{exported:#?}");
    }
    promtool(&["check", "metrics"], &metrics);
    let times: Vec<Duration> = (0..20)
        .map(|_| {
            let began = Instant::now();
            assert!(ask(port, "/metrics").body.len() > 100_000);
            began.elapsed()
        })
        .collect();
    println!("a scrape of {} KiB takes {:?} at best", metrics.len() >> 10, times.iter().min());
}

/// Runs the tool with `input`; it must find nothing to object to.
fn promtool(words: &[&str], input: &str) {
    let mut tool = Command::new("promtool")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = tool.stdin.take().unwrap();
    let input = input.to_owned();
    let writing = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = tool.wait_with_output().unwrap();
    writing.join().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn the_rules_and_the_dashboard_are_sound() {
    let files = ["recording-rules.yml", "alert-rules.yml", "prometheus.yml"];
    let path = |file: &&str| deploy(&format!("prometheus/{file}")).display().to_string();
    let paths: Vec<String> = files.iter().map(path).collect();
    promtool(&["check", "rules", &paths[0], &paths[1]], "");
    promtool(&["check", "config", &paths[2]], "");
    promtool(&["test", "rules", &path(&"alert-tests.yml")], "");
    let dashboard = fs::read_to_string(deploy("grafana/gateway.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert!(ids.len() == panels.len() && panels.len() > 20);
}

#[test]
fn health_is_told_and_a_gateway_that_stops_is_not_ready() {
    let (go, gone) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let origin = Origin::http(None, move |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")?;
        out.flush()?;
        gone.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        out.write_all(b"llo")
    });
    let mut gateway = Setup::new().tables(&format!("[reload]\nwatch_ms = 0\n{MONITOR}")).start();
    let port = port(&gateway);
    for (path, status, says) in [
        ("/livez", 200, "alive"),
        ("/readyz", 200, "ready"),
        ("/metrics?x", 200, "gateway_build_info"),
        ("/nothing", 404, "/readyz"),
    ] {
        let answer = ask(port, path);
        assert!(
            answer.head.status() == status && answer.text().contains(says),
            "{path}: {answer:?}"
        );
    }
    // The way through the gateway does not lead to its monitor.
    let around = Client::new(&gateway).get(&format!("http://127.0.0.1:{port}/metrics"), "x");
    assert_eq!(around.head.status(), 403, "{around:?}");
    gateway.write("policy/rules.toml", "[[rule]]\nid = 1\n");
    gateway.reload();
    let status: Value = serde_json::from_slice(&ask(port, "/status").body).unwrap();
    let fault = &status["last"]["faults"][0];
    assert_eq!((&fault["line"], &fault["column"]), (&2.into(), &6.into()), "{status}");
    assert!(fault["file"].as_str().unwrap().ends_with("policy/rules.toml"), "{status}");
    assert_eq!((&status["generation"], &status["failed"]), (&1.into(), &1.into()), "{status}");
    gateway.write("policy/rules.toml", "");
    let mut client = Client::new(&gateway);
    client.send(format!("GET http://origin.test:{}/ HTTP/1.1\r\nHost: x\r\n\r\n", origin.port));
    assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 200);
    gateway.terminate();
    gateway.wait_for("an end of being ready", |_| {
        (ask(port, "/readyz").head.status() == 503).then_some(())
    });
    assert_eq!(ask(port, "/livez").head.status(), 200);
    go.send(()).unwrap();
    let mut body = [0; 5];
    client.wire.read_exact(&mut body).unwrap();
    drop(client);
    assert!(gateway.wait().success());
    assert!(gateway.records().iter().any(|record| record["RecordType"] == "http"));
}

/// A program that watches, with a folder of its own.
struct Watcher(Child);

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, dir: &Path, words: &[String]) -> Watcher {
    let log = fs::File::create(dir.join(format!("{program}.log"))).unwrap();
    let child = Command::new(program)
        .args(words)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    Watcher(child)
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_alert_goes_from_a_wrong_file_to_those_who_are_told() {
    let webhook = Origin::fixed(None, response("200 OK", "", b""));
    let gateway = Setup::new().tables(&format!("[reload]\nwatch_ms = 0\n{MONITOR}")).start();
    let watched = port(&gateway);
    let name = format!("alert-{}", std::process::id());
    let folder = Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    let dir = &folder.0;
    fs::create_dir_all(dir).unwrap();
    // The files of `deploy` as they are, but for ports and how long they wait.
    let copy = |name: &str, changes: &[(&str, String)]| {
        let mut text = fs::read_to_string(deploy(name)).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{name}: {from}");
            text = text.replace(from, to);
        }
        fs::write(dir.join(Path::new(name).file_name().unwrap()), text).unwrap();
    };
    let (prometheus, alertmanager) = (free_port(), free_port());
    let second = || "1s".to_owned();
    copy(
        "prometheus/prometheus.yml",
        &[
            ("127.0.0.1:9145", format!("127.0.0.1:{watched}")),
            ("127.0.0.1:9093", format!("127.0.0.1:{alertmanager}")),
            ("15s", second()),
        ],
    );
    copy("prometheus/recording-rules.yml", &[("30s", second())]);
    copy("prometheus/alert-rules.yml", &[]);
    copy(
        "alertmanager/alertmanager.yml",
        &[
            ("127.0.0.1:9097", format!("127.0.0.1:{}", webhook.port)),
            ("group_wait: 30s", "group_wait: 1s".to_owned()),
            ("group_interval: 5m", "group_interval: 1s".to_owned()),
        ],
    );
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let mut line = words(&[
        "--config.file=alertmanager.yml",
        "--storage.path=alertmanager",
        "--cluster.listen-address=",
    ]);
    line.push(format!("--web.listen-address=127.0.0.1:{alertmanager}"));
    let _alertmanager = start("prometheus-alertmanager", dir, &line);
    let mut line = words(&["--config.file=prometheus.yml", "--storage.tsdb.path=prometheus"]);
    line.push(format!("--web.listen-address=127.0.0.1:{prometheus}"));
    let _prometheus = start("prometheus", dir, &line);
    gateway.write("policy/rules.toml", "[[rule]]\n");
    gateway.reload();
    let told = |status: &str| {
        let until = Instant::now() + 4 * PATIENCE;
        loop {
            let came = webhook.requests().into_iter().find_map(|request| {
                let told: Value = serde_json::from_slice(&request.body).unwrap();
                let alerts = told["alerts"].as_array().unwrap().clone();
                alerts.into_iter().find(|alert| {
                    alert["status"] == status
                        && alert["labels"]["alertname"] == "GatewayReloadFailed"
                })
            });
            if let Some(alert) = came {
                return alert;
            }
            let log = |name: &str| fs::read_to_string(dir.join(name)).unwrap_or_default();
            assert!(
                Instant::now() < until,
                "nobody is told that it is {status}\n{}\n{}\n{}",
                log("prometheus.log"),
                log("prometheus-alertmanager.log"),
                gateway.terminal()
            );
            thread::sleep(Duration::from_millis(50));
        }
    };
    let alert = told("firing");
    assert_eq!(alert["labels"]["instance"], format!("127.0.0.1:{watched}"));
    assert_eq!(alert["labels"]["severity"], "ticket");
    assert!(alert["annotations"]["summary"].as_str().unwrap().contains("refuses its new settings"));
    gateway.write("policy/rules.toml", "");
    gateway.reload();
    told("resolved");
}

#[test]
fn a_collector_gets_the_spans_of_a_request_and_its_connection() {
    let collector = Origin::fixed(None, response("200 OK", "", b"{}"));
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let endpoint = format!("[otlp]\nendpoint = \"http://127.0.0.1:{}\"\n", collector.port);
    let mut gateway = Setup::new().tables(&endpoint).start();
    let url = format!("http://origin.test:{}/traced", origin.port);
    assert_eq!(fetch(&gateway, &url, &[]).status(), 200);
    let record = gateway.http_record("/traced");
    // What waits is sent at the end at the latest.
    gateway.stop();
    let requests = collector.requests();
    let spans: Vec<Value> = requests
        .iter()
        .flat_map(|request| {
            assert_eq!(request.head.target(), "/v1/traces");
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        })
        .collect();
    let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap();
    assert_eq!(named("GET")["parentSpanId"], named("connection")["spanId"], "{spans:?}");
    let text = named("GET").to_string();
    assert!(text.contains(record["RequestID"].as_str().unwrap()), "{text}");
    assert!(!text.contains("/traced"), "{text}");
}

#[test]
fn what_goes_wrong_with_a_sink_is_an_event_with_its_name() {
    let origin = Origin::http(None, |_, out| out.write_all(&response("200 OK", "", b"ok")));
    let day = |when: &str| {
        let said = Command::new("date").args(["-u", "-d", when, "+%F"]).output().unwrap();
        format!("records-{}.db", String::from_utf8(said.stdout).unwrap().trim())
    };
    let broken = "no database at all\n".repeat(100);
    let gateway = Setup::new()
        .tables("[log.sqlite]\nfolder = \".\"\n[events]\nform = \"json\"\n")
        .file(&day("today"), &broken)
        .file(&day("tomorrow"), &broken)
        .start();
    fetch(&gateway, &format!("http://origin.test:{}/", origin.port), &[]);
    let event = gateway.wait_for("an event of the sink", |gateway| {
        let terminal = gateway.terminal();
        let mut lines =
            terminal.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|event| event["sink"] == "sqlite")
    });
    assert_eq!(event["level"], "WARN", "{event}");
    let message = event["message"].as_str().unwrap();
    assert!(message.contains("moved to") && message.contains(".db.broken-"), "{event}");
}
