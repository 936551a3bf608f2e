//! ClamAV's own test files, as Debian's package `clamav-testfiles` has them: one small program in
//! containers of every kind. It is found as a part of its own, whatever the chunks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "the files are Debian's")]

#[path = "variants/planted.rs"]
mod planted;

use std::path::Path;

use gateway_content::BodyInfo;

use crate::planted::unpack;

const FILES: &str = "/usr/share/clamav-testfiles";

/// The program.
const PROGRAM: &str = "clam.exe";

#[test]
fn the_program_is_found_in_the_containers_of_clamav() {
    let read = |name: &str| {
        let path = Path::new(FILES).join(name);
        std::fs::read(&path)
            .unwrap_or_else(|e| panic!("{}: {e}; see clamav-testfiles", path.display()))
    };
    let program = read(PROGRAM);
    let mut names: Vec<String> = std::fs::read_dir(FILES)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut missed = Vec::new();
    for name in &names {
        let body = read(name);
        let look = |chunk| unpack(&body, &BodyInfo::default(), &program, chunk);
        let whole = look(body.len());
        for chunk in [1, 7, 1_460, 16_384] {
            assert_eq!(look(chunk), whole, "{name} by {chunk}");
        }
        println!("{name}: {whole:?}");
        if whole.0.is_empty() {
            missed.push(name.as_str());
        }
    }
    assert!(names.len() >= 44, "{} files", names.len());
    assert_eq!(missed, [""; 0]);
}
