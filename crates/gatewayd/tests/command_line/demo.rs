//! `demo`: real sockets and TLS on loopback, and every step as it should be.

use std::path::{Path, PathBuf};

use crate::program::{Answer, Folder};

/// Steps that need nothing but the gateway, and SQLite's answer.
const STEPS: usize = 15;

fn check(answer: &Answer, steps: usize, blocked: usize) {
    let text = answer.text();
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(text.matches("   as expected\n").count(), steps, "{answer:?}");
    assert!(!text.contains("NOT AS EXPECTED"), "{answer:?}");
    for said in [
        "answer      block by rule \"Payment card numbers stay here\"",
        "did you mean `http.request.uri.query`?",
        "client saw  200, 200 after a wrong rule, 403 in the end",
        &format!("requests: {} blocked", blocked - 1),
        &format!("SQLite, asked for what was blocked, has {blocked} requests"),
    ] {
        assert!(text.contains(said), "{said}: {answer:?}");
    }
    assert!(!text.contains("41111111"), "matched content is shown");
}

#[test]
fn without_other_programs_the_demo_says_what_it_leaves_out() {
    let folder = Folder::new();
    let nowhere = folder.path("bin");
    let answer = folder.run_in_path(&nowhere, &["demo"]);
    check(&answer, STEPS, 8);
    for skipped in [
        "skipped: no Worker, as neither gateway.toml nor PATH has a workerd\n",
        "skipped: no scan by a daemon, as clamd is not installed\n",
        "skipped: no service of ICAP, as c-icap is not installed\n",
    ] {
        assert!(answer.text().contains(skipped), "{skipped}: {answer:?}");
    }
}

#[test]
fn with_clamd_c_icap_and_workerd_the_demo_shows_what_they_do() {
    let folder = Folder::new();
    folder.write("gateway.toml", format!("[workers]\nworkerd = \"{}\"\n", workerd().display()));
    let config = folder.path("gateway.toml");
    let answer = folder.run(&["--config", config.to_str().unwrap(), "demo"]);
    check(&answer, STEPS + 3, 9);
    for said in [
        "a page that a Worker answers",
        "outside     clamd: found Demo.Worm-1.UNOFFICIAL\n",
        "c-icap: upload ",
    ] {
        assert!(answer.text().contains(said), "{said}: {answer:?}");
    }
    assert!(!answer.text().contains("skipped"), "`cargo xtask test setup` has not run: {answer:?}");
}

fn workerd() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let packages = target.join("workerd/node_modules/@cloudflare");
    assert!(packages.is_dir(), "`cargo xtask test setup` has not run");
    let mut programs = std::fs::read_dir(&packages)
        .unwrap()
        .map(|package| package.unwrap().path().join("bin/workerd"));
    programs.find(|path| path.is_file()).unwrap()
}
