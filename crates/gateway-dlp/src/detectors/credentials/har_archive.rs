//! `har_archive`: recordings of HTTP that browsers write, with cookies and tokens as they were.
//!
//! **Format.** The members `"log"`, `"version"` of `1.1` or `1.2` and `"creator"` with its name at
//! the front of the file.
//!
//! **Validator.** None beside the format: a recording whose creator is a program that takes secrets
//! out is found too.
//!
//! **Source.** HTTP Archive 1.2 specification.
//!
//! **Confidence.** Medium: the form is certain, but not every recording holds secrets.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "har_archive",
    name: "HTTP archive (HAR)",
    summary: "Recordings of HTTP that browsers write, by their first members",
    category: Category::Credentials,
    keywords: &["cookie", "har"],
    pattern: r#""log":\s{0,8}\{\s{0,16}"version":\s{0,8}"1\.[12]",\s{0,16}"creator":\s{0,8}\{\s{0,16}"name":"#,
    match_bytes_max: 160,
    validators: &[],
    test: Test::Pattern(Confidence::Medium),
    examples: &[
        example(
            r#"{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[]}}"#,
            &[r#""log":{"version":"1.2","creator":{"name":"#],
        ),
        example(
            "{\n  \"log\": {\n    \"version\": \"1.1\",\n    \"creator\": {\n      \"name\": \"Firefox\"",
            &["\"log\": {\n    \"version\": \"1.1\",\n    \"creator\": {\n      \"name\":"],
        ),
        example(r#"{"log":{"version":"1.2"}}"#, &[]),
        example(r#"{"log":{"version":"2.0","creator":{"name":"x"}}}"#, &[]),
    ],
};
