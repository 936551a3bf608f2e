//! Banned names: a name says what a thing is or does, not that it exists.
//!
//! A file or module called `util` or `manager` has no idea of its own and collects everybody
//! else's; `get_`, `do_` and `process_` before a method's name say nothing.

use syn::{Ident, ImplItem, visit::Visit};

use super::Complaint;
use crate::source::Source;

const MODULES: &[&str] =
    &["common", "helper", "helpers", "manager", "misc", "types", "util", "utils"];
const TYPE_ENDS: &[&str] = &["Helper", "Helpers", "Manager", "Util", "Utils"];
/// Names that std and `http` have taught every reader.
const CUSTOMARY: &[&str] = &["get_all", "get_mut", "get_or_insert_with"];
const FUNCTION_STARTS: &[&str] = &["do_", "get_", "process_"];

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let mut names = Names { source, complaints: Vec::new() };
    let folders = source.path.split('/').map(|name| name.trim_end_matches(".rs"));
    if let Some(name) = folders.into_iter().find(|name| MODULES.contains(name)) {
        names.complaints.push(Complaint::fails(&source.path, format!("`{name}` is no idea")));
    }
    names.visit_file(&source.syntax);
    names.complaints
}

struct Names<'a> {
    source: &'a Source,
    complaints: Vec<Complaint>,
}

impl Names<'_> {
    fn judge(&mut self, ident: &Ident, bad: impl Fn(&str) -> bool) {
        let name = ident.to_string();
        if bad(&name) {
            let place = format!("{}:{}", self.source.path, ident.span().start().line);
            self.complaints.push(Complaint::fails(place, format!("`{name}` says nothing")));
        }
    }

    fn judge_type(&mut self, ident: &Ident) {
        self.judge(ident, |name| TYPE_ENDS.iter().any(|end| name.ends_with(end)));
    }

    fn judge_function(&mut self, ident: &Ident) {
        self.judge(ident, |name| {
            FUNCTION_STARTS.iter().any(|start| name.starts_with(start))
                && !CUSTOMARY.contains(&name)
        });
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.judge(&item.ident, |name| MODULES.contains(&name));
        syn::visit::visit_item_mod(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.judge_type(&item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.judge_type(&item.ident);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.judge_type(&item.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.judge_type(&item.ident);
        syn::visit::visit_item_trait(self, item);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.judge_function(&function.sig.ident);
        syn::visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.judge_function(&function.sig.ident);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // The names of a trait's methods are the trait's.
        if item.trait_.is_none() {
            let functions = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) => Some(&function.sig.ident),
                _ => None,
            });
            functions.for_each(|ident| self.judge_function(ident));
        }
        syn::visit::visit_item_impl(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    #[test]
    fn names_of_items() {
        for (text, lines) in [
            ("fn get() {}\nfn get_mut() {}\nfn doubt() {}\nfn processed() {}", &[][..]),
            ("fn get_x() {}\nfn do_x() {}\nfn process_x() {}", &["1", "2", "3"]),
            ("struct A;\nimpl A {\n fn get_x() {} }", &["3"]),
            ("struct A;\nimpl T for A {\n fn get_x() {} }", &[]),
            ("trait T {\n fn get_x(); }", &["2"]),
            ("fn a() {\n struct CacheManager; }", &["2"]),
            (
                "enum Managers {}\nenum FooHelper {}\ntype AUtils = u8;\ntrait Manager {}",
                &["2", "3", "4"],
            ),
            ("mod a {\n mod util { } }", &["2"]),
        ] {
            assert_eq!(lines_of(check, "crates/a/src/b.rs", text), lines, "{text}");
        }
    }

    #[test]
    fn names_of_files() {
        for path in
            ["crates/a/src/util.rs", "crates/a/src/types/b.rs", "crates/a/tests/common/mod.rs"]
        {
            assert_eq!(lines_of(check, path, ""), [""], "{path}");
        }
        assert!(lines_of(check, "crates/a/src/kind.rs", "").is_empty());
    }
}
