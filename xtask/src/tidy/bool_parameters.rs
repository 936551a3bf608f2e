//! Boolean parameters: `open(true)` cannot be read; an enum of two names can.
//!
//! Looks at the public functions of the libraries, trait methods included.

use syn::{FnArg, Signature, Type, Visibility, visit::Visit};

use super::Complaint;
use crate::source::{Source, is_test_only};

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let mut signatures = Signatures { source, complaints: Vec::new() };
    if source.is_library() && !source.is_test() {
        signatures.visit_file(&source.syntax);
    }
    signatures.complaints
}

struct Signatures<'a> {
    source: &'a Source,
    complaints: Vec<Complaint>,
}

impl Signatures<'_> {
    fn judge(&mut self, visibility: &Visibility, signature: &Signature) {
        let is_bool = |argument: &FnArg| match argument {
            FnArg::Typed(typed) => {
                matches!(&*typed.ty, Type::Path(path) if path.path.is_ident("bool"))
            }
            _ => false,
        };
        if matches!(visibility, Visibility::Public(_)) && signature.inputs.iter().any(is_bool) {
            let place = format!("{}:{}", self.source.path, signature.ident.span().start().line);
            let message = format!("`{}` takes a bool; name its two cases", signature.ident);
            self.complaints.push(Complaint::fails(place, message));
        }
    }
}

impl<'ast> Visit<'ast> for Signatures<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.judge(&function.vis, &function.sig);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.judge(&function.vis, &function.sig);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        for function in &item.items {
            if let syn::TraitItem::Fn(function) = function {
                self.judge(&item.vis, &function.sig);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    #[test]
    fn public_functions_of_libraries() {
        let text = "pub fn a(x: bool) {}
pub(crate) fn b(x: bool) {}
fn c(x: bool) {}
pub fn d(x: Option<bool>) -> bool {}
impl A {
    pub fn e(&self, n: u8, x: bool) {}
    fn f(&self, x: bool) {}
}
pub trait T {
    fn g(&self, x: bool);
}
trait U {
    fn h(&self, x: bool);
}
#[cfg(test)]
mod tests {
    pub fn i(x: bool) {}
}";
        assert_eq!(lines_of(check, "crates/gateway-a/src/b.rs", text), ["1", "6", "10"]);
        assert!(lines_of(check, "crates/gatewayd/src/b.rs", text).is_empty());
        assert!(lines_of(check, "crates/gateway-a/src/b/tests.rs", text).is_empty());
    }
}
