//! Rules of YARA, by the library `yara-x`.
//!
//! A [`YaraBuilder`] compiles the sources that its caller has loaded; what it builds, a [`Yara`], is
//! immutable and shared, and an [`Examiner`](gateway_inspect::Examiner). Rules are about files, so
//! that a part is kept whole, up to [`YaraLimits::part_bytes_max`], and scanned at its end; one that is
//! larger is [`TooLarge`](gateway_inspect::Unscannable::TooLarge), never clean.
//!
//! # What is left out
//! A rule that would make every scan slow is not loaded: a pattern without a literal of some bytes to
//! search for, or a loop over all of a file. Nor is one that asks a module for what is not in the bytes
//! (the time, the network, another program), or one that refers to a rule left out. Each is told by
//! name and reason in the [`YaraReport`]. What is no rule at all is an error with its place.
//!
//! Sources do not include others, and the external variables that are usual (`filename`, `filepath`,
//! `extension`, `filetype`, `owner`) are empty.
//!
//! ```
//! use gateway_av::yara::YaraBuilder;
//! use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};
//!
//! let mut builder = YaraBuilder::default();
//! let error = builder.add_source("own.yar", b"rule a { condition: b }").unwrap_err();
//! assert_eq!(error.to_string(), "own.yar:1:21: unknown identifier `b`");
//!
//! let mut builder = YaraBuilder::default();
//! builder.add_source("own.yar", b"rule Worm { strings: $a = \"worm, more\" condition: $a }").unwrap();
//! let yara: std::sync::Arc<dyn gateway_inspect::Examiner> = std::sync::Arc::new(builder.build());
//!
//! let part = Part::root(PartKind::Text, None);
//! let mut chain = Chain::open(&[yara], &part, &Wanted::all(), &Limits::default());
//! let mut found = Findings::new(0);
//! chain.push(b"a worm, ", &mut found);
//! chain.push(b"more", &mut found);
//! chain.finish(&mut found);
//! assert_eq!(&*found.as_slice()[0].entry.id, "YARA.Worm");
//! ```

mod compiled;
mod scan;

use std::fmt;
use std::sync::Arc;

// Named so that its feature is switched on, without which yara-x does not compile.
use rsa as _;
use yara_x::errors::CompileError;
use yara_x::{Compiler, IgnoredRuleReason, Rules, SourceCode};

pub use self::compiled::YaraImageError;

/// Modules that ask for what is not in the bytes, or whose reports nobody reads here.
const MODULES_IGNORED: [&str; 7] =
    ["androguard", "console", "crx", "cuckoo", "magic", "time", "vt"];

/// External variables that sets of rules take for given.
const EXTERNALS: [&str; 5] = ["extension", "filename", "filepath", "filetype", "owner"];

/// What a scan may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YaraLimits {
    /// Bytes of a part that are kept to be scanned. Default 16 MiB.
    pub part_bytes_max: usize,
}

impl Default for YaraLimits {
    fn default() -> Self {
        Self { part_bytes_max: 16 << 20 }
    }
}

/// Why a rule is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftOut {
    /// It would slow every scan down; where, and why.
    Slow(String),
    /// It asks this module, which is not there.
    Module(String),
    /// It refers to this rule, which is left out.
    Rule(String),
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow(what) => f.write_str(what),
            Self::Module(module) => write!(f, "there is no module `{module}`"),
            Self::Rule(rule) => write!(f, "the rule `{rule}` is left out"),
        }
    }
}

/// What a source came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YaraReport {
    /// Rules that are left out, by name.
    pub left_out: Vec<(String, LeftOut)>,
}

/// What is wrong with a source: its file, line and column, both from 1 and in characters, and what was
/// found there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
pub struct YaraError {
    /// The source, as its caller names it.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl YaraError {
    fn new(file: &str, text: &[u8], error: &CompileError) -> Self {
        let label = error.labels().next();
        let at = label.as_ref().map_or(0, |label| label.span().start());
        let before = String::from_utf8_lossy(text.get(..at).unwrap_or(text)).into_owned();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let title = error.title();
        // The titles of some say nothing by themselves.
        let what = match label.as_ref().map(|label| label.text()).filter(|text| !text.is_empty()) {
            Some(text) if title == "syntax error" => format!("{title}: {text}"),
            _ => title.to_owned(),
        };
        let line = before.matches('\n').count() + 1;
        Self { file: file.to_owned(), line, column, what }
    }
}

/// Compiles sources of rules.
pub struct YaraBuilder {
    compiler: Compiler<'static>,
    limits: YaraLimits,
}

impl Default for YaraBuilder {
    fn default() -> Self {
        Self::new(YaraLimits::default())
    }
}

impl YaraBuilder {
    /// No rules yet.
    #[must_use]
    pub fn new(limits: YaraLimits) -> Self {
        let mut compiler = Compiler::new();
        compiler.error_on_slow_pattern(true).error_on_slow_loop(true).enable_includes(false);
        for module in MODULES_IGNORED {
            compiler.ignore_module(module);
        }
        for name in EXTERNALS {
            // A name that is an identifier, and is given once, is taken.
            let _ = compiler.define_global(name, "");
        }
        Self { compiler, limits }
    }

    /// Compiles the rules of one source, whose names are its own.
    ///
    /// # Errors
    /// The first thing that is wrong with it. The builder is of no more use then.
    pub fn add_source(&mut self, file: &str, text: &[u8]) -> Result<YaraReport, YaraError> {
        let before = self.compiler.ignored_rules().len();
        let errors = self.compiler.errors().len();
        self.compiler.new_namespace(file);
        // What is wrong is looked up below, all of it.
        let _ = self.compiler.add_source(SourceCode::from(text).with_origin(file));
        let mut left_out: Vec<(String, LeftOut)> = Vec::new();
        for (rule, reason) in self.compiler.ignored_rules().skip(before) {
            let reason = match reason {
                IgnoredRuleReason::IgnoredModule(module) => LeftOut::Module(module.to_owned()),
                IgnoredRuleReason::IgnoredRule(other) => LeftOut::Rule(other.to_owned()),
                IgnoredRuleReason::CompileError(error) if is_slow(error) => {
                    LeftOut::Slow(YaraError::new(file, text, error).to_string())
                }
                // Of those that follow in this source it is as if the rule were not there.
                IgnoredRuleReason::CompileError(error) => match unknown(error) {
                    Some(other) if left_out.iter().any(|(rule, _)| rule == other) => {
                        LeftOut::Rule(other.to_owned())
                    }
                    _ => continue,
                },
            };
            left_out.push((rule.to_owned(), reason));
        }
        let fresh = self.compiler.errors().get(errors..).unwrap_or_default();
        let is_told = |error: &CompileError| {
            is_slow(error)
                || unknown(error).is_some_and(|name| left_out.iter().any(|(rule, _)| rule == name))
        };
        match fresh.iter().find(|error| !is_told(error)) {
            Some(error) => Err(YaraError::new(file, text, error)),
            None => Ok(YaraReport { left_out }),
        }
    }

    /// The rules.
    #[must_use]
    pub fn build(self) -> Yara {
        Yara::new(self.compiler.build(), self.limits)
    }
}

/// Whether it is only that the rule would be slow.
const fn is_slow(error: &CompileError) -> bool {
    matches!(error, CompileError::SlowPattern(_) | CompileError::PotentiallySlowLoop(_))
}

/// The name that nothing has, if that is what is wrong.
fn unknown(error: &CompileError) -> Option<&str> {
    error.title().strip_prefix("unknown identifier `")?.strip_suffix('`')
}

/// Compiled rules. Cheap to clone; a clone shares all of it.
#[derive(Clone)]
pub struct Yara {
    rules: Arc<Rules>,
    /// How many rules that is.
    count: u64,
    limits: YaraLimits,
}

impl Yara {
    fn new(rules: Rules, limits: YaraLimits) -> Self {
        let count = rules.iter().count() as u64;
        Self { rules: Arc::new(rules), count, limits }
    }

    /// How many rules are in force.
    #[must_use]
    pub const fn rules(&self) -> u64 {
        self.count
    }
}

impl fmt::Debug for Yara {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yara").field("rules", &self.count).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(source: &str) -> Vec<(String, String)> {
        let report = YaraBuilder::default().add_source("a.yar", source.as_bytes()).unwrap();
        report.left_out.into_iter().map(|(rule, why)| (rule, why.to_string())).collect()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (source, told) in [
            ("rule a { condition: b }", "1:21: unknown identifier `b`"),
            ("rule a {\n  condition: é }", "2:14: syntax error"),
            ("import \"nosuch\"\n", "1:1: unknown module `nosuch`"),
            ("rule a { condition: true }\nrule a { condition: true }", "2:6: duplicate rule `a`"),
            ("include \"other.yar\"", "1:1: include statements not allowed"),
            ("rule a { strings: $a = \"abcd\" condition: true }", "1:19: unused pattern `$a`"),
        ] {
            let error = YaraBuilder::default().add_source("a.yar", source.as_bytes()).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with(&format!("a.yar:{told}")), "{source}: {error}");
        }
        let error = YaraBuilder::default().add_source("a.yar", b"rule \xff").unwrap_err();
        assert_eq!((error.line, error.column), (1, 6), "{error}");
    }

    #[test]
    fn slow_rules_and_those_that_ask_elsewhere_are_left_out_by_name() {
        let source = r#"
            import "time"
            import "vt"
            rule fine { strings: $a = "some words" condition: $a }
            rule slow { strings: $a = /.*x/ condition: $a }
            rule late { condition: time.now() > 0 }
            rule both { condition: fine and slow }
            rule more { condition: both }
            rule loops { condition: for all i in (0..filesize) : (uint8(i) == 0) }
        "#;
        let told = left_out(source);
        let names: Vec<&str> = told.iter().map(|(rule, _)| rule.as_str()).collect();
        assert_eq!(names, ["slow", "late", "both", "more", "loops"]);
        let reasons: Vec<&str> = told.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "a.yar:5:34: slow pattern",
                "there is no module `time`",
                "the rule `slow` is left out",
                "the rule `both` is left out",
                "a.yar:9:50: potentially slow loop",
            ]
        );
    }

    #[test]
    fn names_are_those_of_a_source_and_externals_are_there() {
        let mut builder = YaraBuilder::default();
        let source = b"rule a { condition: filename == \"\" and extension matches /x/ }";
        for file in ["one.yar", "two.yar"] {
            assert_eq!(builder.add_source(file, source).unwrap(), YaraReport::default());
        }
        assert_eq!(builder.build().rules(), 2);
    }
}
