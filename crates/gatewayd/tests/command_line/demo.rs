//! `demo`: real sockets and TLS on loopback, and every step as it should be.

use crate::program::Folder;

#[test]
fn the_demo_shows_what_it_promises() {
    let answer = Folder::new().run(&["demo"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(answer.text().matches("as expected").count(), 10, "{answer:?}");
    assert!(answer.text().contains("SQLite, asked for what was blocked, has"), "{answer:?}");
    assert!(!answer.text().contains("4111"), "matched content is shown");
}
