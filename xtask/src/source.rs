//! The Rust sources of the repository, parsed once for all rules.

use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;
use syn::{Attribute, Item, spanned::Spanned, visit::Visit};

use crate::{
    failure::{During, Failure},
    metadata,
};

/// Folders that hold sources, relative to the root.
const FOLDERS: &[&str] =
    &["benches", "crates", "examples", "fuzz/fuzz_targets", "fuzz/src", "fuzz/tests", "xtask"];

/// One `.rs` file.
pub(crate) struct Source {
    /// Relative to the root, with `/` between the names.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: TokenStream,
    pub(crate) syntax: syn::File,
}

/// One function with a body.
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of the signature's first token.
    pub(crate) line: usize,
    /// Lines from the signature to the closing brace.
    pub(crate) lines: usize,
}

impl Source {
    /// Parses `text` as the file at `path`.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self, Failure> {
        let place = |error: &dyn Fn() -> usize| format!("{path}:{}", error());
        let tokens: TokenStream = text.parse().map_err(|e: proc_macro2::LexError| {
            Failure::new(format!("{}: {e}", place(&|| e.span().start().line)))
        })?;
        let syntax = syn::parse2(tokens.clone())
            .map_err(|e| Failure::new(format!("{}: {e}", place(&|| e.span().start().line))))?;
        Ok(Self { path: path.to_owned(), text: text.to_owned(), tokens, syntax })
    }

    /// Every source of the repository below `root`, in order of its path.
    pub(crate) fn load_all(root: &Path) -> Result<Vec<Self>, Failure> {
        let mut paths = Vec::new();
        for folder in FOLDERS {
            collect(&root.join(folder), &mut paths)?;
        }
        paths.sort();
        let read = |path: &PathBuf| {
            let text = fs::read_to_string(path).during(|| path.display().to_string())?;
            let below = path.strip_prefix(root).unwrap_or(path);
            Self::parse(&below.to_string_lossy().replace('\\', "/"), &text)
        };
        paths.iter().map(read).collect()
    }

    /// The name of the folder of the package that the file belongs to.
    pub(crate) fn package(&self) -> &str {
        let below = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        below.split('/').next().unwrap_or(below)
    }

    /// Whether this is the source of a library of the gateway, one that does no IO.
    pub(crate) fn is_library(&self) -> bool {
        self.path.starts_with("crates/")
            && self.path.contains("/src/")
            && !metadata::does_io(self.package())
    }

    /// Whether the whole file is compiled for tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.split('/').any(|name| name == "tests")
    }

    /// How many lines the file has, those of its test modules left out.
    pub(crate) fn lines(&self) -> usize {
        let all = self.text.lines().count();
        let tests = self.syntax.items.iter().filter(|item| is_test_only(attributes(item)));
        all.saturating_sub(tests.map(|item| span_lines(item).count()).sum())
    }

    /// How many lines of comments that become documentation.
    pub(crate) fn documentation_lines(&self) -> usize {
        let is_doc = |line: &&str| line.starts_with("///") || line.starts_with("//!");
        self.text.lines().map(str::trim_start).filter(is_doc).count()
    }

    /// Every function outside of tests, in order.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut collector = Functions(Vec::new());
        if !self.is_test() {
            collector.visit_file(&self.syntax);
        }
        collector.0
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.during(|| folder.display().to_string())?.path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, paths)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The lines that a piece of syntax stands on, its attributes and documentation included.
fn span_lines(syntax: &impl Spanned) -> RangeInclusive<usize> {
    let span = syntax.span();
    span.start().line..=span.end().line
}

/// Whether `#[cfg(test)]` or `#[test]` stands among the attributes.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let names_test = || attribute.parse_args::<syn::Path>().is_ok_and(|p| p.is_ident("test"));
        path.is_ident("test") || (path.is_ident("cfg") && names_test())
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let (start, end) = (signature.span().start().line, body.span().end().line);
        let lines = (start..=end).count();
        self.0.push(Function { name: signature.ident.to_string(), line: start, lines });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test_only(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    const TEXT: &str = "//! Doc.

fn a() {
    b();
}

struct S;

impl S {
    #[must_use]
    fn b(
        &self,
    ) {
    }
}

/// Tests.
#[cfg(test)]
mod tests {
    fn c() {}
}
";

    #[test]
    fn tests_are_left_out() {
        let source = Source::parse("crates/gateway-x/src/a.rs", TEXT).unwrap();
        assert_eq!(source.lines(), 16);
        let functions = source.functions();
        let shown: Vec<_> = functions.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
        assert_eq!(shown, [("a", 3, 3), ("b", 11, 4)]);
        assert_eq!(source.documentation_lines(), 2);
    }

    #[test]
    fn paths_say_what_a_file_is() {
        for (path, package, library, test) in [
            ("crates/gateway-x/src/a.rs", "gateway-x", true, false),
            ("crates/gateway-x/src/a/tests.rs", "gateway-x", true, true),
            ("crates/gateway-x/tests/a.rs", "gateway-x", false, true),
            ("crates/gatewayd/src/a.rs", "gatewayd", false, false),
            ("xtask/src/a.rs", "xtask", false, false),
        ] {
            let source = Source::parse(path, "").unwrap();
            assert_eq!(source.package(), package, "{path}");
            assert_eq!((source.is_library(), source.is_test()), (library, test), "{path}");
        }
    }

    #[test]
    fn what_does_not_parse_is_placed() {
        for text in ["//! Doc.\nfn (", "//! Doc.\nfn f(a) {}"] {
            let failure = Source::parse("a.rs", text).err().unwrap();
            assert!(failure.to_string().starts_with("a.rs:2: "), "{failure}");
        }
    }
}
