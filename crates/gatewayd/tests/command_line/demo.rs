//! `demo`: real sockets and TLS on loopback, and every step as it should be.

use std::path::Path;

use crate::program::Folder;

#[test]
fn the_demo_shows_what_it_promises() {
    let answer = Folder::new().run(&["demo"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    let steps = if answer.text().contains("no Worker is shown") { 13 } else { 14 };
    assert_eq!(answer.text().matches("as expected").count(), steps, "{answer:?}");
    let why = "answer      block by rule \"Payment card numbers stay here\"";
    assert!(answer.text().contains(why), "{answer:?}");
    assert!(answer.text().contains("SQLite, asked for what was blocked, has 7 requests"));
    assert!(!answer.text().contains("41111111"), "matched content is shown");
}

#[test]
fn with_workerd_the_demo_shows_a_worker() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let packages = target.join("workerd/node_modules/@cloudflare");
    assert!(packages.is_dir(), "`cargo xtask test setup` has not run");
    let mut programs = std::fs::read_dir(&packages)
        .unwrap()
        .map(|package| package.unwrap().path().join("bin/workerd"));
    let workerd = programs.find(|path| path.is_file()).unwrap();
    let folder = Folder::new();
    folder.write("gateway.toml", format!("[workers]\nworkerd = \"{}\"\n", workerd.display()));
    let config = folder.path("gateway.toml");
    let answer = folder.run(&["--config", config.to_str().unwrap(), "demo"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(answer.text().matches("as expected").count(), 14, "{answer:?}");
    assert!(answer.text().contains("a page that a Worker answers"), "{answer:?}");
}
