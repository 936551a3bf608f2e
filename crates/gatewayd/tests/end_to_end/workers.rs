//! Workers in the path of requests: what they see, what they can do, and what they cannot.

use std::io::Write;
use std::sync::{Mutex, mpsc};

use serde_json::Value;

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{PATIENCE, Setup};
use crate::message::{chunk, read_chunk, read_head, response};
use crate::origin::Origin;
use crate::workerd::Lab;

const ALL: &str = r#"http.request.host == "origin.test""#;
const CARD: &str = "number=4111111111111111";

/// Answers with the body that it got.
fn echo(request: &crate::message::Message) -> Vec<u8> {
    response("200 OK", "X-From: origin\r\n", &request.body)
}

#[test]
fn a_worker_sees_the_request_and_its_context_and_answers_it() {
    let setup = Setup::new().forward("w", ALL).worker(
        "w",
        "[vars]\nGREETING = \"hello \\\"you\\\"\"\n",
        "",
        r#"
        const identity = await context.identity();
        const posture = await context.devicePosture();
        const names = [...request.headers.keys()];
        return Response.json({
          context, identity, posture, names, url: request.url, env: this.env,
          cf: request.cf ?? null,
        });"#,
    );
    let mut lab = Lab::new(setup, echo);
    let forged = [
        "-H",
        r#"gw-cf: {"v":1,"flow":"00","ctx":{"srcIp":"10.9.9.9"},"identity":{"email":"boss"}}"#,
        "-H",
        "gw-egress: x",
        "-H",
        "gw-worker-outcome: exception",
    ];
    let fetched = fetch(&lab.gateway, &lab.url("/a?b=c"), &forged);
    assert_eq!(fetched.status(), 200, "{}", lab.gateway.terminal());
    let seen = fetched.json();
    let context = &seen["context"];
    assert_eq!(context["srcIp"], "127.0.0.1", "{seen}");
    assert_eq!(context["dstHost"], "origin.test");
    assert_eq!(context["dstPort"], lab.origin.port);
    assert_eq!(context["method"], "GET");
    assert_eq!((&context["policyId"], &context["workerName"]), (&"to-w".into(), &"w".into()));
    assert!(context["userAgent"].as_str().unwrap().starts_with("curl/"));
    assert_eq!((&seen["identity"], &seen["posture"]), (&Value::Null, &Value::Null));
    assert_eq!(seen["url"], lab.url("/a?b=c"));
    assert_eq!(seen["env"], serde_json::json!({"GREETING": "hello \"you\""}));
    let names: Vec<&str> =
        seen["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.iter().all(|name| !name.starts_with("gw-") && *name != "via"), "{names:?}");
    assert_eq!(seen["cf"], serde_json::json!({}));
    assert!(lab.origin.requests().is_empty(), "the answer is the Worker's own");
    let records = lab.gateway.stop();
    let record = records.iter().find(|record| record["RecordType"] == "http").unwrap();
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"forward".into(), &"to-w".into()));
    assert_eq!((&record["WorkerName"], &record["WorkerOutcome"]), (&"w".into(), &"ok".into()));
    assert_eq!(record["WorkerNextCalled"], false);
    assert_eq!(record["WorkerVersion"].as_str().unwrap().len(), 12);
    assert_eq!(context["requestId"], record["RequestID"]);
    assert_eq!(context["workerVersion"], record["WorkerVersion"]);
    // Neither a flow nor a connection of a Worker has a record of its own.
    assert_eq!(records.len(), 2, "{records:#?}");
}

#[test]
fn a_request_that_is_passed_on_goes_where_it_was_going_and_once() {
    let setup = Setup::new().forward("w", ALL).worker(
        "w",
        "",
        "",
        r#"
        const elsewhere = new Request("http://other.test:1/evil", request);
        elsewhere.headers.set("X-Worker", "1");
        const response = await next(elsewhere);
        const second = await next(request).then(() => "passed", (error) => error.message);
        const own = await fetch("https://other.test/");
        const changed = new Response(response.body, response);
        changed.headers.set("X-Second", second);
        changed.headers.set("X-Own", `${own.status} ${(await own.json()).detail}`);
        return changed;"#,
    );
    let mut lab = Lab::new(setup, echo);
    let fetched = fetch(&lab.gateway, &lab.url("/a?b=c"), &["-d", "body", "-H", "gw-cf: x"]);
    assert_eq!(
        (fetched.status(), fetched.text().as_str()),
        (200, "body"),
        "{}",
        lab.gateway.terminal()
    );
    assert_eq!(fetched.head.field("x-from"), Some("origin"));
    assert_eq!(fetched.head.field("x-second"), Some("next() can be called once only"));
    let own = fetched.head.field("x-own").unwrap();
    assert_eq!(own, "403 The Worker `w` may not fetch from other.test.");
    let requests = lab.origin.requests();
    assert_eq!(requests.len(), 1);
    let head = &requests[0].head;
    assert_eq!(head.start, "POST /a?b=c HTTP/1.1");
    assert_eq!(head.field("host"), Some(&*format!("origin.test:{}", lab.origin.port)));
    assert_eq!(head.field("x-worker"), Some("1"));
    assert!(head.fields.iter().all(|(name, _)| !name.to_ascii_lowercase().starts_with("gw-")));
    assert_eq!(head.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("via")).count(), 1);
    let records = lab.gateway.stop();
    let of =
        |name: &str| records.iter().find(|r| r["HTTPHost"] == name && r["RecordType"] == "http");
    let record = of("origin.test").unwrap();
    assert_eq!(
        (&record["WorkerOutcome"], &record["WorkerNextCalled"]),
        (&"ok".into(), &true.into())
    );
    assert_eq!(record["DestinationPort"], lab.origin.port);
    assert_eq!(record["OriginTLSVersion"], "TLSv1.3");
    assert_eq!((&record["BytesSent"], &record["BytesReceived"]), (&4.into(), &4.into()));
    assert_eq!(of("other.test").unwrap()["Action"], "block", "its own fetch is on record");
}

/// Block rules come before the Worker, body rules look at what the client sent before the Worker
/// sees it, and at what the Worker answers before the client does.
#[test]
fn rules_come_before_and_after_the_worker() {
    let setup = Setup::new()
        .block("path", r#"http.request.uri.path contains "/blocked""#)
        .block("up", r#"any(dlp.upload.profiles[*] == "financial")"#)
        .block("down", r#"any(dlp.download.profiles[*] == "financial")"#)
        .forward("w", ALL)
        .worker(
            "w",
            "",
            "const seen = [];",
            r#"
            if (request.url.endsWith("/seen")) return new Response(seen.join("|"));
            if (request.url.endsWith("/leak")) return new Response("4111 1111 1111 1111");
            seen.push("head");
            const text = await request.text();
            seen.push(text);
            return next(new Request(request, { body: text + "!" }));"#,
        );
    let lab = Lab::new(setup, echo);
    let get = |path: &str, arguments: &[&str]| fetch(&lab.gateway, &lab.url(path), arguments);
    assert_eq!(get("/blocked", &["-d", "x"]).status(), 403);
    assert_eq!(get("/up", &["-d", CARD]).status(), 403);
    let clean = get("/up", &["-d", "clean"]);
    assert_eq!((clean.status(), clean.text().as_str()), (200, "clean!"));
    let seen = get("/seen", &[]).text();
    assert!(!seen.contains("4111") && seen.ends_with("head|clean"), "{seen}");
    let leak = get("/leak", &[]);
    assert_eq!(leak.status(), 403, "{}", leak.text());
    assert_eq!(lab.origin.requests().len(), 1);
    let record = lab.gateway.http_record("/leak");
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"down".into()));
    let record = lab.gateway.http_record("/blocked");
    assert!(record["WorkerName"].is_null(), "{record}");
}

/// The origin sends each event only after the client has the one before.
#[test]
fn events_pass_a_worker_one_by_one() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let (confirm, confirmed) = mpsc::channel::<u32>();
    let confirmed = Mutex::new(confirmed);
    let origin = Origin::raw(Some(tls), move |connection| {
        read_head(connection)?;
        let out = connection.get_mut();
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        for number in 1..=5 {
            out.write_all(&chunk(format!("data: event {number}\n\n").as_bytes()))?;
            out.flush()?;
            let has = confirmed.lock().unwrap().recv_timeout(PATIENCE);
            assert_eq!(has, Ok(number), "the client has no event {number}");
        }
        out.write_all(b"0\r\n\r\n")?;
        out.flush()
    });
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .trusts(&authority)
        .block("cards", r#"any(dlp.download.profiles[*] == "financial")"#)
        .forward("w", ALL)
        .worker("w", "", "", "return next(request);")
        .with_workerd()
        .start();
    let config = trusting(&gateway.ca());
    let mut client = Client::tls(&gateway, &config, "origin.test", origin.port);
    let host = format!("origin.test:{}", origin.port);
    client.send(format!("GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let head = read_head(&mut client.wire).unwrap().unwrap();
    assert_eq!(head.status(), 200, "{head:?}");
    let mut text = Vec::new();
    for number in 1..=5 {
        while !text.ends_with(format!("data: event {number}\n\n").as_bytes()) {
            text.extend(read_chunk(&mut client.wire).unwrap().unwrap());
        }
        confirm.send(number).unwrap();
    }
    assert!(read_chunk(&mut client.wire).unwrap().is_none());
}

/// Large bodies pass both ways without being held whole.
#[test]
fn large_bodies_stream_through_a_worker() {
    let setup = Setup::new().forward("w", ALL).worker("w", "", "", "return next(request);");
    let lab = Lab::new(setup, echo);
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let file = std::env::temp_dir().join(format!("gateway-worker-body-{}", std::process::id()));
    std::fs::write(&file, &body).unwrap();
    let data = format!("@{}", file.display());
    let fetched = fetch(&lab.gateway, &lab.url("/echo"), &["--data-binary", &data]);
    let _ = std::fs::remove_file(&file);
    assert_eq!(fetched.status(), 200, "{}", lab.gateway.terminal());
    assert!(fetched.body == body, "{} bytes came back", fetched.body.len());
    let record = lab.gateway.http_record("/echo");
    assert_eq!(record["BytesSent"], 3_000_000);
    assert_eq!(record["BytesReceived"], 3_000_000);
}

#[test]
fn a_worker_asks_of_itself_only_where_it_may() {
    let plain = Origin::fixed(None, response("200 OK", "", b"api\n"));
    let url = format!("http://other.test:{}/x", plain.port);
    let handle = format!(
        "const answers = await Promise.allSettled([fetch('{url}'), fetch('{url}/blocked')]);\n\
         const own = answers.map((a) => a.value?.status ?? String(a.reason));\n\
         return Response.json({{ own, text: await answers[0].value.text() }});"
    );
    let setup = Setup::new()
        .block("path", r#"http.request.uri.path contains "/blocked""#)
        .forward("w", ALL)
        .worker("w", "fetch = [\"other.test\"]\n", "", &handle);
    let lab = Lab::new(setup, echo);
    let fetched = fetch(&lab.gateway, &lab.url("/"), &[]);
    assert_eq!(fetched.json(), serde_json::json!({"own": [200, 403], "text": "api\n"}));
    assert_eq!(plain.requests().len(), 1);
    let record = lab.gateway.http_record("/x");
    assert_eq!((&record["WorkerName"], &record["Action"]), (&"w".into(), &"allow".into()));
    let record = lab.gateway.http_record("/x/blocked");
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"path".into()));
}
