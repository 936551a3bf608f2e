//! Integers, addresses, and sets of any type.

use std::net::IpAddr;
use std::sync::Arc;

use super::cursor::{Cursor, Parsed, is_word_char};
use crate::ast::{AddressItem, Literal, Order, Test};
use crate::diagnostic::Diagnostic;
use crate::lists::{List, Listed, is_name as is_list_name};
use crate::options::UnknownLists;
use crate::problem::{Extension, Problem};
use crate::value::Type;

impl Cursor<'_> {
    /// An integer: decimal, `0x` hexadecimal, or octal with a leading 0; `-` before any of them.
    pub(super) fn int(&mut self) -> Parsed<i64> {
        if let Some(Literal::Int(value)) = self.constant(Type::Int)? {
            return Ok(value);
        }
        if let Some(value) = self.quoted_int() {
            return Ok(value);
        }
        let start = self.at;
        let sign = if self.eat("-") { "-" } else { "" };
        let digits = self.take_while(is_word_char);
        let belongs_to_more = match self.peek() {
            Some('.') => !self.rest().starts_with(".."),
            Some(':' | '/') => true,
            _ => false,
        };
        if belongs_to_more || !digits.starts_with(|c: char| c.is_ascii_digit()) {
            self.at = start;
            return Err(self.wrong_type(Type::Int));
        }
        let (digits, radix) = match (digits.strip_prefix("0x"), digits.strip_prefix('0')) {
            (Some(hex), _) => (hex, 16),
            (None, Some(octal)) if !octal.is_empty() => (octal, 8),
            _ => (digits, 10),
        };
        let found = || self.slice(start..self.at).to_owned();
        let fault = |problem| Err(Diagnostic::new(problem, start..self.at));
        if digits.chars().all(|c| c.is_digit(radix)) && !digits.is_empty() {
            return match i64::from_str_radix(&format!("{sign}{digits}"), radix) {
                Ok(value) => Ok(value),
                Err(_) => fault(Problem::IntRange { found: found() }),
            };
        }
        if radix == 8 && digits.chars().all(|c| c.is_ascii_digit()) {
            let decimal = format!("{sign}{}", digits.trim_start_matches('0'));
            return fault(Problem::Octal { found: found(), decimal });
        }
        self.at = start;
        Err(self.wrong_type(Type::Int))
    }

    /// A decimal number in quotes, as Cloudflare Gateway's rules have them for status codes.
    fn quoted_int(&mut self) -> Option<i64> {
        if !self.is_extended() || !self.rest().starts_with(['"', '\'']) {
            return None;
        }
        let (_, span) = self.found();
        let quote = self.peek()?;
        let content = self.slice(span.clone()).strip_prefix(quote)?.strip_suffix(quote)?;
        let value = content.parse().ok().filter(|value: &i64| value.to_string() == content)?;
        self.at = span.end;
        Some(value)
    }

    /// An address, a network or a range in quotes, as Cloudflare Gateway's manual has them.
    pub(super) fn quoted_address(&mut self) -> Option<AddressItem> {
        if !self.is_extended() || !self.rest().starts_with(['"', '\'']) {
            return None;
        }
        let (_, span) = self.found();
        let quote = self.peek()?;
        let content = self.slice(span.clone()).strip_prefix(quote)?.strip_suffix(quote)?;
        let item = super::read_address_item(content).ok()?;
        self.at = span.end;
        Some(item)
    }

    /// The same as the right side of a comparison: to equal a network is to be in it.
    pub(super) fn quoted_address_test(&mut self, order: Order) -> Option<Test> {
        let start = self.at;
        match (self.quoted_address()?, order) {
            (AddressItem::Network(IpAddr::V4(address), 32), _) => {
                Some(Test::Order(order, Literal::Ip(address.into())))
            }
            (AddressItem::Network(IpAddr::V6(address), 128), _) => {
                Some(Test::Order(order, Literal::Ip(address.into())))
            }
            (item, Order::Equal) => Some(Test::InAddresses(vec![item])),
            _ => {
                self.at = start;
                None
            }
        }
    }

    pub(super) fn int_range(&mut self) -> Parsed<(i64, i64)> {
        let start = self.at;
        let first = self.int()?;
        let last = if self.eat("..") { self.int()? } else { first };
        if first > last {
            return Err(self.range_order(start));
        }
        Ok((first, last))
    }

    /// A single address; a network in its place is a fault that says what to write.
    pub(super) fn address(&mut self, order: Order) -> Parsed<IpAddr> {
        let start = self.at;
        let address = self.plain_address()?;
        if self.peek() != Some('/') {
            return Ok(address);
        }
        self.at = start;
        let (found, span) = self.found();
        let network = self.slice(span.clone());
        let instead = (order == Order::Equal).then(|| format!("in {{{network}}}"));
        Err(Diagnostic::new(Problem::LiteralType { expected: Type::Ip, found, instead }, span))
    }

    pub(super) fn address_item(&mut self) -> Parsed<AddressItem> {
        let start = self.at;
        let first = self.plain_address()?;
        if self.eat("..") {
            let last = self.plain_address()?;
            if first.is_ipv4() != last.is_ipv4() || first > last {
                return Err(self.range_order(start));
            }
            return Ok(AddressItem::Range(first, last));
        }
        let max = if first.is_ipv4() { 32 } else { 128 };
        if !self.eat("/") {
            return Ok(AddressItem::Network(first, max));
        }
        let digits_at = self.at;
        let digits = self.take_while(|c| is_word_char(c) || c == '.');
        let bits = digits.parse().ok().filter(|&bits: &u8| bits <= max);
        let Some(bits) = bits else {
            let problem = Problem::PrefixLength { found: digits.into(), max };
            return Err(Diagnostic::new(problem, self.since(digits_at)));
        };
        let network = network_of(first, bits);
        if network != first {
            let found = self.slice(start..self.at).to_owned();
            let network = format!("{network}/{bits}");
            let problem = Problem::HostBits { found, network };
            return Err(Diagnostic::new(problem, self.since(start)));
        }
        Ok(AddressItem::Network(first, bits))
    }

    pub(super) fn plain_address(&mut self) -> Parsed<IpAddr> {
        if let Some(Literal::Ip(value)) = self.constant(Type::Ip)? {
            return Ok(value);
        }
        let start = self.at;
        let rest = self.rest();
        let run = rest.find(|c: char| !is_word_char(c) && c != ':' && c != '.');
        let run = rest.get(..run.unwrap_or(rest.len())).unwrap_or_default();
        let text = run.split("..").next().unwrap_or_default();
        if text.is_empty() {
            return Err(self.wrong_type(Type::Ip));
        }
        self.at += text.len();
        text.parse().map_err(|_| {
            Diagnostic::new(Problem::Address { found: text.into() }, self.since(start))
        })
    }

    fn range_order(&self, start: usize) -> Diagnostic {
        let found = self.slice(start..self.at).to_owned();
        Diagnostic::new(Problem::RangeOrder { found }, self.since(start))
    }

    /// The list that is named here, if one is, as a test of a value of the type `ty`.
    pub(super) fn list(&mut self, ty: &Type) -> Parsed<Option<Test>> {
        let start = self.at;
        if !self.eat("$") {
            return Ok(None);
        }
        let name = self.take_while(|c| is_word_char(c) || matches!(c, '.' | '-'));
        let lists = &self.options.lists;
        let problem = match lists.find(name) {
            Some(list) if list.kind().ty() == *ty => {
                let list = Arc::clone(list);
                return Ok(Some(Test::InList(Listed { name: name.into(), list })));
            }
            Some(list) => {
                let found = list.kind().ty();
                Problem::ListType { name: name.to_owned(), found, expected: ty.clone() }
            }
            None if self.options.unknown_lists == UnknownLists::Empty && is_list_name(name) => {
                let list = Arc::new(List::empty(ty));
                return Ok(Some(Test::InList(Listed { name: name.into(), list })));
            }
            None => {
                let suggestion = lists.similar(name).map(|name| format!("${name}"));
                Problem::UnknownList { name: name.to_owned(), suggestion }
            }
        };
        Err(Diagnostic::new(problem, self.since(start)))
    }

    /// The members of a set in braces; `expected` names one of them.
    pub(super) fn set<T>(
        &mut self,
        expected: &'static str,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        if !self.eat("{") {
            let (found, span) = self.found();
            let instead = (!span.is_empty()).then(|| format!("{{{}}}", self.slice(span.clone())));
            return Err(Diagnostic::new(Problem::SetBraces { found, instead }, span));
        }
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.eat("}") {
                return Ok(items);
            }
            if self.is_at_end() {
                let (found, span) = self.found();
                return Err(Diagnostic::new(Problem::SetUnclosed { expected, found }, span));
            }
            items.push(item(self)?);
            self.skip_space();
            let comma = self.at;
            if self.eat(",") {
                self.extension(Extension::Comma, comma);
            }
        }
    }

    /// The fault that a value of another type stands here, with the value as it should be written.
    pub(super) fn wrong_type(&self, expected: Type) -> Diagnostic {
        let (found, span) = self.found();
        if span.is_empty() {
            let expected = match expected {
                Type::Int => "an integer",
                Type::Ip => "an IP address",
                Type::Bool | Type::Bytes | Type::Array(_) | Type::Map(_) => "a string",
            };
            return Diagnostic::new(Problem::Unexpected { expected, found }, span);
        }
        let text = self.slice(span.clone());
        let content = text.trim_matches(['"', '\'']);
        let is_word = text.starts_with(super::cursor::is_value_char);
        let constant = self.options.constants.similar(text).map(str::to_owned);
        let instead = constant.or_else(|| match expected {
            Type::Int if content != text => content.parse::<i64>().ok().map(|n| n.to_string()),
            Type::Ip if content != text => content.parse::<IpAddr>().ok().map(|a| a.to_string()),
            Type::Bytes if is_word => Some(format!("\"{text}\"")),
            _ => None,
        });
        Diagnostic::new(Problem::LiteralType { expected, found, instead }, span)
    }
}

/// The address with every bit beyond the prefix cleared.
pub(crate) fn network_of(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}
