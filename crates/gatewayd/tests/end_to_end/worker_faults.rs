//! Workers that fail: whom it harms, for how long, and what becomes of the request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::curl::fetch;
use crate::gateway::{PATIENCE, Setup};
use crate::message::{Message, response};
use crate::worker_life::Over;
use crate::workerd::Lab;

fn hello(_: &Message) -> Vec<u8> {
    response("200 OK", "", b"hello\n")
}

const FAULTY: &str = r#"
    const path = new URL(request.url).pathname;
    if (path.startsWith("/throw")) throw new Error("boom \u00e9");
    if (path.startsWith("/nothing")) return undefined;
    if (path.startsWith("/never")) await new Promise((resolve) => setTimeout(resolve, 60000));
    if (path.startsWith("/hang")) await new Promise(() => {});
    if (path.startsWith("/late")) {
      await next(request);
      throw new Error("after");
    }
    if (path.startsWith("/read")) {
      await request.arrayBuffer();
      throw new Error("read");
    }
    return next(request);"#;

#[test]
fn what_becomes_of_the_request_is_what_the_settings_say() {
    let setup = Setup::new()
        .forward("strict", r#"http.request.uri.path contains "strict""#)
        .forward("lax", r#"http.request.uri.path contains "lax""#)
        .worker("strict", "deadline_ms = 500\nfailures_max = 1000\n", "", FAULTY)
        .worker(
            "lax",
            "on_error = \"bypass\"\ndeadline_ms = 500\nfailures_max = 1000\n",
            "",
            FAULTY,
        );
    let lab = Lab::new(setup, hello);
    let get = |path: &str, arguments: &[&str]| fetch(&lab.gateway, &lab.url(path), arguments);
    for (path, outcome) in [
        ("/throw", "exception"),
        ("/nothing", "exception"),
        ("/hang", "exception"),
        ("/never", "deadline"),
    ] {
        let before = lab.origin.requests().len();
        let strict = get(&format!("{path}/strict"), &[]);
        assert_eq!(strict.status(), 502, "{path}");
        assert_eq!(lab.origin.requests().len(), before, "{path}");
        let record = lab.gateway.http_record(&format!("{path}/strict"));
        assert_eq!(
            (&record["WorkerOutcome"], &record["Action"]),
            (&outcome.into(), &"block".into())
        );
        let lax = get(&format!("{path}/lax"), &["-d", "body"]);
        assert_eq!((lax.status(), lax.text().as_str()), (200, "hello\n"), "{path}");
        let last = lab.origin.requests().pop().unwrap();
        assert_eq!((last.head.target(), last.text().as_str()), (&*format!("{path}/lax"), "body"));
        let record = lab.gateway.http_record(&format!("{path}/lax"));
        assert_eq!(record["WorkerOutcome"], outcome);
        assert_eq!((&record["WorkerBypassed"], &record["Action"]), (&true.into(), &"allow".into()));
    }
    let record = lab.gateway.http_record("/throw/strict");
    assert!(record["Warnings"].to_string().contains(r"boom \\u00e9"), "{record}");
    // Once the origin has the request there is no way past the Worker.
    let before = lab.origin.requests().len();
    let late = get("/late/lax", &[]);
    assert_eq!(late.status(), 502);
    assert!(late.text().contains("after it had passed the request on"), "{}", late.text());
    assert_eq!(lab.origin.requests().len(), before + 1);
    // Nor when the gateway has not kept what the Worker has read.
    let large = "x".repeat(100_000);
    assert_eq!(get("/read/lax", &["-d", &large]).status(), 502);
    assert_eq!(get("/read/lax", &["-d", "small"]).status(), 200);
}

/// A Worker that spins holds its process; the process is killed, and neither other Workers nor
/// requests without one notice, nor do requests of the same Worker for longer than 3 s.
#[test]
fn a_worker_that_spins_harms_no_other_flow() {
    let spin = r#"if (request.url.endsWith("/spin")) while (true) {}
        return new Response("own");"#;
    let setup = Setup::new()
        .forward("spinner", r#"http.request.uri.path contains "/s""#)
        .forward("other", r#"http.request.uri.path contains "/o""#)
        .worker("spinner", "failures_max = 1000\n", "", spin)
        .worker("other", "", "", "return new Response(\"other\");");
    let lab = Lab::new(setup, hello);
    assert_eq!(fetch(&lab.gateway, &lab.url("/s"), &[]).text(), "own");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let spinning = scope.spawn(|| {
            let fetched = fetch(&lab.gateway, &lab.url("/spin"), &[]);
            assert_eq!(fetched.status(), 502);
        });
        for (path, text) in [("/o", "other"), ("/plain", "hello\n")] {
            let (lab, over) = (&lab, &over);
            scope.spawn(move || {
                let mut longest = Duration::ZERO;
                while !over.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    let fetched = fetch(&lab.gateway, &lab.url(path), &[]);
                    assert_eq!(fetched.text(), text);
                    longest = longest.max(began.elapsed());
                }
                assert!(longest < Duration::from_secs(3), "{path} took {longest:?}");
            });
        }
        let _over = Over(&over);
        // The next request of the same Worker is answered by the next process.
        let began = Instant::now();
        let killed = "did not answer for 2000 ms and was killed";
        lab.gateway
            .wait_for("the end of the process", |g| g.terminal().contains(killed).then_some(()));
        loop {
            if fetch(&lab.gateway, &lab.url("/s"), &[]).text() == "own" {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "{}", lab.gateway.terminal());
        }
        spinning.join().unwrap();
    });
}

#[test]
fn a_process_that_runs_out_of_memory_starts_anew() {
    let hog = r#"
        const kept = (globalThis.kept ??= []);
        if (request.url.endsWith("/heap")) for (;;) kept.push(new Array(1000000).fill({ a: 1 }));
        if (request.url.endsWith("/buffers")) {
          for (let i = 0; i < 80; i++) {
            kept.push(new Uint8Array(8 << 20).fill(1));
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
        return new Response("well");"#;
    let settings = "heap_mib = 32\nmemory_mib = 256\ndeadline_ms = 15000\nfailures_max = 1000\n";
    let setup = Setup::new()
        .forward("hog", r#"http.request.uri.path contains "/""#)
        .worker("hog", settings, "", hog);
    let lab = Lab::new(setup, hello);
    // Whichever comes first: the end of the heap, or that of our patience with what clears it up.
    let ended: &[&str] = &["its process ended", "and was killed"];
    for (path, signs) in [("/heap", ended), ("/buffers", &["its process grew to"])] {
        assert_eq!(fetch(&lab.gateway, &lab.url(path), &[]).status(), 502, "{path}");
        lab.gateway.wait_for("the end of the process", |gateway| {
            signs.iter().any(|sign| gateway.terminal().contains(sign)).then_some(())
        });
        let record = lab.gateway.http_record(path);
        assert_eq!(record["WorkerOutcome"], "broken", "{path}");
        assert_eq!(fetch(&lab.gateway, &lab.url("/"), &[]).text(), "well", "{path}");
    }
}

#[test]
fn what_is_too_much_fails_at_once_and_a_failing_worker_is_spared() {
    let slow = r#"
        if (request.url.endsWith("/fail")) throw new Error("no");
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return new Response("slow");"#;
    let setup = Setup::new().forward("slow", r#"http.request.uri.path contains "/""#).worker(
        "slow",
        "concurrency_max = 1\nfailures_max = 2\nopen_ms = 60000\ndeadline_ms = 10000\n",
        "",
        slow,
    );
    let lab = Lab::new(setup, hello);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| fetch(&lab.gateway, &lab.url("/first"), &[]).text());
        // Whichever comes second while the first is with the Worker is refused.
        let mut refused = 0;
        while !first.is_finished() {
            refused += usize::from(fetch(&lab.gateway, &lab.url("/more"), &[]).status() == 502);
        }
        let first = first.join().unwrap();
        assert!(refused > 0 || first != "slow");
    });
    let busy = lab.gateway.records().into_iter().filter(|r| r["WorkerOutcome"] == "busy").count();
    assert!(busy > 0, "{}", lab.gateway.records_text());
    for _ in 0..2 {
        assert_eq!(fetch(&lab.gateway, &lab.url("/fail"), &[]).status(), 502);
    }
    assert_eq!(fetch(&lab.gateway, &lab.url("/spared"), &[]).status(), 502);
    assert_eq!(lab.gateway.http_record("/spared")["WorkerOutcome"], "open");
}
