//! What becomes of what a scan came to: the table of outcomes, presets, and what is cut.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::archive::{Encrypted, zip};
use crate::curl::fetch;
use crate::gateway::Setup;
use crate::message::{chunk, response};
use crate::origin::Origin;
use crate::scanning::EICAR;

/// How `curl` calls a transfer that broke off.
const BROKEN: [i32; 2] = [18, 56];

/// An origin of what cannot be scanned, and of what can be found.
fn origin() -> Origin {
    Origin::http(None, |request, out| {
        let eicar = EICAR.concat();
        let inner = zip("c.txt", b"text", Encrypted::No);
        let (fields, body) = match request.head.target() {
            "/encrypted" => ("", zip("a.txt", b"text", Encrypted::Yes)),
            "/deep" => {
                let deeper = zip("c.zip", &inner, Encrypted::No);
                ("", zip("b.zip", &deeper, Encrypted::No))
            }
            "/eicar" => ("", eicar),
            "/image" => ("Content-Type: image/png\r\n", eicar),
            "/attached" => {
                ("Content-Type: image/png\r\nContent-Disposition: attachment\r\n", eicar)
            }
            "/image-zip" => ("Content-Type: image/png\r\n", zip("a", &eicar, Encrypted::No)),
            _ => ("", b"clean".to_vec()),
        };
        out.write_all(&response("200 OK", fields, &body))
    })
}

#[test]
fn the_table_says_what_becomes_of_each_outcome() {
    let origin = origin();
    let depth = "[limits]\nunpack_depth_max = 1\n";
    for (table, path, passes) in [
        ("", "/clean", true),
        ("", "/eicar", false),
        ("", "/encrypted", true),
        ("", "/deep", false),
        ("[outcomes]\nencrypted = \"block\"\n", "/encrypted", false),
        ("[outcomes]\ntoo_deep = \"log\"\n", "/deep", true),
        ("[outcomes]\ntoo_deep = \"allow\"\n", "/deep", true),
        ("[outcomes]\ninfected = \"log\"\n", "/eicar", true),
        ("directions = \"upload\"\n", "/eicar", true),
    ] {
        let gateway = Setup::new().tables(depth).policy_file("av.toml", table).start();
        let url = format!("http://origin.test:{}{path}", origin.port);
        let fetched = fetch(&gateway, &url, &[]);
        assert_eq!(fetched.status(), if passes { 200 } else { 403 }, "{table} {path}");
        let record = gateway.http_record(path);
        if !passes {
            assert_eq!(record["Action"], "block", "{table} {path}: {record}");
            assert_eq!(record["PolicyID"], "av.toml/block", "{table} {path}: {record}");
        }
        let trail = record["DecisionTrail"].to_string();
        let is_logged = trail.contains("av.toml/log");
        let expected =
            passes && path != "/clean" && !table.contains("allow") && !table.contains("upload");
        assert_eq!(is_logged, expected, "{table} {path}: {record}");
        // Whatever becomes of it, the record does not call it clean.
        if matches!(path, "/encrypted" | "/deep") {
            let reason = if path == "/deep" { "too_deep" } else { "encrypted" };
            assert_eq!(record["UnscannableParts"][0]["Reason"], reason, "{table}: {record}");
        }
    }
}

#[test]
fn a_preset_passes_over_media_that_are_no_files() {
    let origin = origin();
    let preset = "preset = \"cloudflare-enterprise\"\n";
    let gateway = Setup::new().policy_file("av.toml", preset).start();
    for (path, status) in
        [("/eicar", 403), ("/image", 200), ("/attached", 403), ("/image-zip", 403), ("/clean", 200)]
    {
        let url = format!("http://origin.test:{}{path}", origin.port);
        assert_eq!(fetch(&gateway, &url, &[]).status(), status, "{path}");
    }
}

#[test]
fn the_rest_of_what_was_cut_is_not_to_be_had() {
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let origin = Origin::http(None, move |_, out| {
        count.fetch_add(1, Ordering::SeqCst);
        out.write_all(b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        // More than the tail that is held, then what is found.
        out.write_all(&chunk(&b"nothing to see here\n".repeat(20_000)))?;
        out.write_all(&chunk(b"own-worm-here"))?;
        out.write_all(b"0\r\n\r\n")
    });
    let ndb = "Own.Worm-1:0:*:6f776e2d776f726d2d68657265\n";
    let setup = Setup::new().block("malware", "av.infected").policy_file("av/own.ndb", ndb);
    let gateway = setup.start();
    let url = format!("http://origin.test:{}/x", origin.port);
    let fetched = fetch(&gateway, &url, &[]);
    assert!(BROKEN.contains(&fetched.exit) && !fetched.body.is_empty(), "{}", fetched.exit);
    let record = gateway.http_record("/x");
    assert!(record["BytesReleasedBeforeBlock"].as_u64().is_some_and(|bytes| bytes > 0), "{record}");
    let before = asked.load(Ordering::SeqCst);
    for more in
        [&["-H", "Range: bytes=1000-"][..], &["-H", "Range: bytes=1000-", "-H", "If-Range: \"v1\""]]
    {
        let fetched = fetch(&gateway, &url, more);
        assert_eq!(fetched.status(), 403, "{more:?}");
        assert!(fetched.text().contains("malware"), "{}", fetched.text());
    }
    assert_eq!(asked.load(Ordering::SeqCst), before, "the origin is not asked for it");
    let fetched = fetch(&gateway, &url, &[]);
    assert!(BROKEN.contains(&fetched.exit), "the whole is scanned anew: {}", fetched.exit);
}

#[test]
fn bodies_leave_as_their_type_says() {
    let body = b"GIF89a".iter().copied().chain(std::iter::repeat_n(b'a', 300_000));
    let mut body: Vec<u8> = body.collect();
    body.extend_from_slice(b"own-worm-here");
    let origin = Origin::fixed(None, response("200 OK", "", &body));
    let ndb = "Own.Worm-1:0:*:6f776e2d776f726d2d68657265\n";
    let url = format!("http://origin.test:{}/x", origin.port);
    for (types, page) in [("", false), ("gif = \"hold\"", true), ("zip = \"hold\"", false)] {
        let setup = Setup::new().block("malware", "av.infected").policy_file("av/own.ndb", ndb);
        let gateway = setup.tables(&format!("[release]\ntypes = {{ {types} }}\n")).start();
        let fetched = fetch(&gateway, &url, &[]);
        if page {
            assert_eq!(fetched.status(), 403, "{types}");
        } else {
            assert!(BROKEN.contains(&fetched.exit), "{types}: {}", fetched.exit);
        }
    }
    let gateway = Setup::new().start();
    gateway.write("gateway.toml", "[release]\ntypes = { pdx = \"hold\" }\n");
    let checked = gateway.command(&["check"]);
    let said = String::from_utf8_lossy(&checked.stderr).into_owned()
        + &String::from_utf8_lossy(&checked.stdout);
    assert!(!checked.status.success() && said.contains("release.types.pdx"), "{said}");
}
