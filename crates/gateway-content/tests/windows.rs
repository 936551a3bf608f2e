//! Programs for Windows as compilers make them, in a wheel of Python: none is taken for packed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "the wheel is Debian's")]

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, Limits, PartEnd, PartEvent, Step, Unpacker};
use gateway_inspect::{Examiner, PartKind, Wanted};

const FOLDER: &str = "/usr/share/python-wheels";

fn wheel() -> PathBuf {
    let files = std::fs::read_dir(FOLDER)
        .unwrap_or_else(|e| panic!("{FOLDER}: {e}; see python3-setuptools-whl"));
    let paths = files.map(|file| file.unwrap().path());
    let is_wheel = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("setuptools-") && name.ends_with(".whl")
    };
    paths.filter(is_wheel).max().expect("setuptools has launchers for Windows")
}

fn parts(body: Bytes) -> Vec<PartEnd> {
    let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([]);
    let wanted = Wanted::from_iter([Unpacker::SCANNER]);
    let (info, inspect) = (BodyInfo::default(), gateway_inspect::Limits::default());
    let mut unpacker = Unpacker::new(examiners, wanted, &info, &Limits::default(), &inspect);
    unpacker.push(body);
    unpacker.end();
    let mut ends = Vec::new();
    while unpacker.step(Budget::default()) != Step::Done {
        ends.extend(unpacker.parts());
    }
    ends.extend(unpacker.parts());
    let ended = ends.into_iter().filter_map(|event| match event {
        PartEvent::Ended(end) => Some(end),
        _ => None,
    });
    ended.collect()
}

#[test]
fn plain_programs_are_not_taken_for_packed() {
    let ends = parts(std::fs::read(wheel()).unwrap().into());
    let programs = ends.iter().filter(|end| end.part.kind == PartKind::Pe);
    let programs: Vec<&str> = programs.map(|end| end.part.name.as_str()).collect();
    assert!(programs.len() >= 8, "{programs:?}");
    for end in &ends {
        let name = &end.part.name;
        assert!(!name.contains("unpacked:") && !name.contains("upx:"), "{name}");
        assert_eq!(end.outcome.unscannable, None, "{name}");
    }
}
