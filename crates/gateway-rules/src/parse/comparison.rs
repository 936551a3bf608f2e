//! Comparisons: a field with its indexes, an operator, a value of the field's type.

use super::cursor::{Cursor, Parsed, is_word_char};
use super::operator::Operator;
use super::{Parser, Shape, Typed};
use crate::ast::{Expr, ExprKind, Index, Literal, Operand, Order, Quantifier, Source, Span, Test};
use crate::diagnostic::Diagnostic;
use crate::functions;
use crate::problem::{Extension, Problem};
use crate::scheme::FieldId;
use crate::suggest;
use crate::value::Type;

impl Parser<'_> {
    pub(super) fn comparison(&mut self) -> Parsed<Typed> {
        let start = self.cursor.at;
        let (mut operand, ty) = self.operand()?;
        let mut end = self.cursor.at;
        let mut is_some_element = false;
        let is_bare_array = ty == Type::Array(Box::new(Type::Bool)) && !operand.is_mapped();
        self.cursor.skip_space();
        let test = match self.operator()? {
            None if ty == Type::Bool || is_bare_array => Test::IsTrue,
            None => {
                let (found, span) = self.cursor.found();
                let operand = self.cursor.slice(start..end).to_owned();
                let span = start..span.start.max(end);
                return Err(Diagnostic::new(Problem::MissingOperator { operand, ty, found }, span));
            }
            Some((operator, text)) => {
                let name = self.cursor.slice(start..end).to_owned();
                is_some_element = self.means_some_element(operator, &operand, &ty);
                let ty = match ty {
                    Type::Array(element) if is_some_element => {
                        operand.path.push(Index::Each);
                        *element
                    }
                    other => other,
                };
                check_type(operator, &text, name, &ty, start..self.cursor.at)?;
                self.cursor.skip_space();
                let test = self.right_side(operator, &ty, start)?;
                end = self.cursor.at;
                test
            }
        };
        let is_array = is_bare_array || operand.is_mapped();
        let kind = ExprKind::Test(operand, test);
        let expr = Expr { kind, span: Span::new(start..end) };
        if is_some_element {
            // It is as deep as the `any` that it stands for.
            self.enter(start)?;
            self.depth -= 1;
            let kind = ExprKind::Quantified(Quantifier::Any, Box::new(expr));
            let expr = Expr { kind, span: Span::new(start..end) };
            return Ok(Typed { expr, shape: Shape::One });
        }
        Ok(Typed { expr, shape: if is_array { Shape::Array } else { Shape::One } })
    }

    /// Whether an array that stands left of the operator means that one of its elements is to pass,
    /// as in `net.sni.domains == "a.example"`, which Cloudflare Gateway's manual has.
    fn means_some_element(&self, operator: Operator, operand: &Operand, ty: &Type) -> bool {
        let of_scalars = matches!(ty, Type::Array(element) if element.is_scalar());
        self.cursor.is_extended()
            && self.quantifiers == 0
            && of_scalars
            && !operand.is_mapped()
            && matches!(operator, Operator::Order(Order::Equal) | Operator::In)
    }

    fn right_side(&mut self, operator: Operator, ty: &Type, start: usize) -> Parsed<Test> {
        let quoted = match operator {
            Operator::Order(order) if *ty == Type::Ip => self.cursor.quoted_address_test(order),
            _ => None,
        };
        if let Some(test) = quoted {
            return Ok(test);
        }
        Ok(match operator {
            Operator::Order(order) if self.operand_ahead() => {
                Test::Against(order, self.right_operand(ty)?)
            }
            Operator::Order(order) => Test::Order(order, self.literal(ty, order, start)?),
            Operator::Mask => Test::Mask(self.cursor.int()?),
            Operator::In => match (self.cursor.list(ty)?, ty) {
                (Some(in_list), _) => in_list,
                (None, Type::Int) => {
                    Test::InInts(self.cursor.set("an integer", |c| c.int_range())?)
                }
                (None, Type::Ip) => {
                    let item = |c: &mut Cursor<'_>| {
                        c.quoted_address().map_or_else(|| c.address_item(), Ok)
                    };
                    Test::InAddresses(self.cursor.set("an address", item)?)
                }
                (None, _) => Test::InBytes(self.cursor.set("a string", |c| c.bytes())?),
            },
            Operator::Contains => Test::Contains(self.cursor.bytes()?),
            Operator::Matches => Test::Matches(self.cursor.regex()?),
            Operator::Wildcard(case) => Test::Wildcard(case, self.cursor.wildcard()?),
        })
    }

    fn literal(&mut self, ty: &Type, order: Order, start: usize) -> Parsed<Literal> {
        Ok(match ty {
            Type::Int => Literal::Int(self.cursor.int()?),
            Type::Ip => Literal::Ip(self.cursor.address(order)?),
            Type::Bool => {
                if let Some(constant) = self.cursor.constant(Type::Bool)? {
                    return Ok(constant);
                }
                let word = self.cursor.take_while(is_word_char);
                let value = match word {
                    "true" => true,
                    "false" => false,
                    _ => {
                        self.cursor.at -= word.len();
                        return Err(self.cursor.unexpected("`true` or `false`"));
                    }
                };
                self.cursor.extension(Extension::BoolComparison, start);
                Literal::Bool(value)
            }
            Type::Bytes | Type::Array(_) | Type::Map(_) => Literal::Bytes(self.cursor.bytes()?),
        })
    }

    /// A field or a call right of an operator.
    fn right_operand(&mut self, expected: &Type) -> Parsed<Operand> {
        let start = self.cursor.at;
        let (operand, found) = self.operand()?;
        let span = self.cursor.since(start);
        let text = self.cursor.slice(span.clone()).to_owned();
        if operand.is_mapped() {
            return Err(Diagnostic::new(Problem::RightEach { operand: text }, span));
        }
        if found != *expected {
            let expected = expected.clone();
            let problem = Problem::RightType { operand: text, found, expected };
            return Err(Diagnostic::new(problem, span));
        }
        self.cursor.extension(Extension::FieldComparison, start);
        Ok(operand)
    }

    pub(super) fn operand(&mut self) -> Parsed<(Operand, Type)> {
        let start = self.cursor.at;
        if let Some(function) = self.function_ahead() {
            let (source, ty) = self.call(function)?;
            let (path, ty) = self.path(start, ty)?;
            return Ok((Operand { source, path }, ty));
        }
        let name = self.cursor.peek_word();
        if let Some(field) = self.scheme.id(name) {
            self.cursor.at += name.len();
            let (path, ty) = self.path(start, self.type_of(field))?;
            return Ok((Operand { source: Source::Field(field), path }, ty));
        }
        let Some((field, member)) = self.member_ahead(name) else {
            return Err(self.no_field(name));
        };
        // `groups[*].name` is the field `groups.name` with the index behind it.
        self.cursor.at += name.len();
        let (mut path, ty) = self.path(start, self.type_of(field))?;
        self.cursor.at += member;
        self.cursor.extension(Extension::MemberAccess, start);
        let (more, ty) = self.path(start, ty)?;
        path.extend(more);
        Ok((Operand { source: Source::Field(field), path }, ty))
    }

    fn type_of(&self, field: FieldId) -> Type {
        self.scheme.field(field).map_or(Type::Bool, |field| field.ty().clone())
    }

    /// Where `name` with indexes and a member behind it is another spelling of a field: the field,
    /// and the length of the member with its dot.
    pub(super) fn member_ahead(&self, name: &str) -> Option<(FieldId, usize)> {
        let mut rest = self.cursor.rest().get(name.len()..)?;
        if name.is_empty() || !rest.starts_with('[') {
            return None;
        }
        while rest.starts_with('[') {
            rest = rest.get(rest.find(']')? + 1..)?;
        }
        let end = |text: &str| text.find(|c: char| !is_word_char(c) && c != '.');
        let member = rest.get(..end(rest).unwrap_or(rest.len()))?;
        let field = self.scheme.id(&format!("{name}{member}"))?;
        member.starts_with('.').then_some((field, member.len()))
    }

    /// The indexes that come next, on a value of the type `ty`, and the type they lead to.
    fn path(&mut self, start: usize, mut ty: Type) -> Parsed<(Vec<Index>, Type)> {
        let mut path = Vec::new();
        while self.cursor.peek() == Some('[') {
            let bracket = self.cursor.at;
            let index = self.index()?;
            if ty == Type::Ip && index == Index::Each && self.cursor.is_extended() {
                // Cloudflare's rules have lists of addresses where there is one here.
                continue;
            }
            let element = match (&ty, &index) {
                (Type::Array(element), Index::At(_) | Index::Each)
                | (Type::Map(element), Index::Key(_) | Index::Each) => (**element).clone(),
                _ => {
                    let operand = self.cursor.slice(start..bracket).to_owned();
                    let index = self.cursor.slice(bracket..self.cursor.at).to_owned();
                    let problem = Problem::IndexType { index, operand, ty };
                    return Err(Diagnostic::new(problem, self.cursor.since(bracket)));
                }
            };
            ty = element;
            path.push(index);
        }
        Ok((path, ty))
    }

    fn index(&mut self) -> Parsed<Index> {
        let bracket = self.cursor.at;
        self.cursor.eat("[");
        let index = match self.cursor.peek() {
            Some('*') => {
                self.cursor.eat("*");
                Index::Each
            }
            Some(']') => {
                self.cursor.eat("]");
                self.cursor.extension(Extension::EmptyIndex, bracket);
                return Ok(Index::Each);
            }
            Some('"' | '\'' | 'r') => Index::Key(self.cursor.bytes()?),
            _ => {
                let start = self.cursor.at;
                let digits = self.cursor.take_while(|c| c.is_ascii_digit());
                let Ok(position) = digits.parse() else {
                    self.cursor.at = start;
                    let (found, span) = self.cursor.found();
                    return Err(Diagnostic::new(Problem::Index { found }, span));
                };
                Index::At(position)
            }
        };
        if self.cursor.eat("]") {
            return Ok(index);
        }
        let (found, span) = self.cursor.found();
        Err(Diagnostic::new(Problem::Index { found }, span))
    }

    /// What to say where no field stands.
    fn no_field(&mut self, name: &str) -> Diagnostic {
        let start = self.cursor.at;
        let (found, span) = self.cursor.found();
        let quote = span.len() > 1 && matches!(found.as_bytes().get(1), Some(b'"' | b'\''));
        let raw = name == "r" && matches!(self.cursor.rest().as_bytes().get(1), Some(b'"' | b'#'));
        let number = found.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            || name.starts_with(|c: char| c.is_ascii_digit());
        if quote || raw || number {
            let turned = self.turned(span.end);
            return Diagnostic::new(Problem::ValueFirst { found, turned }, span);
        }
        if name.is_empty() {
            return self.cursor.unexpected("a condition");
        }
        let span = start..start + name.len();
        let rest = self.cursor.slice(span.end..self.cursor.text.len());
        if rest.trim_start().starts_with('(') {
            let suggestion = functions::similar(name).map(Into::into);
            let problem = Problem::UnknownFunction { name: name.into(), suggestion };
            return Diagnostic::new(problem, span);
        }
        let suggestion = self.similar_field(name);
        Diagnostic::new(Problem::UnknownField { name: name.into(), suggestion }, span)
    }

    /// The only field that ends in the name, or the one spelt most like it.
    fn similar_field(&self, name: &str) -> Option<String> {
        let names = || self.scheme.fields().map(|(_, field)| field.name());
        let mut longer = names()
            .filter(|known| known.strip_suffix(name).is_some_and(|before| before.ends_with('.')));
        let found = suggest::closest(name, names())
            .or_else(|| longer.next().filter(|_| longer.next().is_none()))?;
        Some(found.to_owned())
    }

    /// `value == field` the other way round; the value ends at `end`.
    fn turned(&self, end: usize) -> Option<String> {
        let value = self.cursor.slice(self.cursor.at..end);
        let rest = self.cursor.slice(end..self.cursor.text.len()).trim_start();
        let operator = ["==", "!="].into_iter().find(|operator| rest.starts_with(operator))?;
        let rest = rest.get(operator.len()..)?.trim_start();
        let name = rest.find(|c: char| !is_word_char(c) && c != '.').unwrap_or(rest.len());
        let name = rest.get(..name)?;
        let _: FieldId = self.scheme.id(name)?;
        Some(format!("{name} {operator} {value}"))
    }
}

fn check_type(
    operator: Operator,
    text: &str,
    operand: String,
    ty: &Type,
    span: std::ops::Range<usize>,
) -> Parsed<()> {
    let fits = match ty {
        Type::Int => matches!(operator, Operator::Order(_) | Operator::In | Operator::Mask),
        Type::Ip => matches!(operator, Operator::Order(_) | Operator::In),
        Type::Bytes => operator != Operator::Mask,
        Type::Bool => matches!(operator, Operator::Order(Order::Equal | Order::NotEqual)),
        Type::Array(_) | Type::Map(_) => false,
    };
    if fits {
        return Ok(());
    }
    let (operator, ty) = (text.to_owned(), ty.clone());
    let problem = if ty.is_scalar() {
        Problem::OperatorType { operator, operand, ty }
    } else {
        Problem::WholeCompared { operator, operand, ty }
    };
    Err(Diagnostic::new(problem, span))
}
