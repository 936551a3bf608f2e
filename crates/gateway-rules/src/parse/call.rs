//! Calls of functions: their arguments, read and checked one by one.

use std::net::IpAddr;
use std::ops::Range;

use super::cursor::Parsed;
use super::{Parser, is_keyword};
use crate::ast::{Argument, Call, Literal, Source};
use crate::diagnostic::Diagnostic;
use crate::functions::{
    ARGUMENTS_MAX, Function, FunctionId, Kind, Misfit, Parameter, Repeats, Shape,
};
use crate::problem::{Extension, Problem};
use crate::value::Type;

/// What has been read of the arguments.
#[derive(Default)]
struct Read {
    arguments: Vec<Argument>,
    types: Vec<Type>,
    spans: Vec<Range<usize>>,
}

impl Read {
    /// Takes one more argument, which stands at `span`.
    fn take(
        &mut self,
        function: &'static Function,
        (argument, ty): (Argument, Type),
        span: Range<usize>,
    ) -> Parsed<()> {
        let is_mapped = matches!(&argument, Argument::Operand(operand) if operand.is_mapped());
        if is_mapped && !self.arguments.is_empty() {
            let problem = Problem::ArgumentEach { function: function.name };
            return Err(Diagnostic::new(problem, span));
        }
        self.arguments.push(argument);
        self.types.push(ty);
        self.spans.push(span);
        Ok(())
    }
}

/// The fault of an argument that does not fit its parameter.
fn unfit(
    function: &'static Function,
    parameter: &'static Parameter,
    found: String,
    span: Range<usize>,
) -> Diagnostic {
    let expected = parameter.expected();
    let (function, parameter) = (function.name, parameter.name);
    Diagnostic::new(Problem::ArgumentType { function, parameter, expected, found }, span)
}

impl Parser<'_> {
    /// The function that is called here, if one is.
    pub(super) fn function_ahead(&self) -> Option<FunctionId> {
        let name = self.cursor.peek_word();
        let rest = self.cursor.rest().get(name.len()..)?;
        if rest.trim_start().starts_with('(') { FunctionId::named(name) } else { None }
    }

    /// Whether a field or a call stands here, and not a value.
    pub(super) fn operand_ahead(&self) -> bool {
        if self.function_ahead().is_some() {
            return true;
        }
        let name = self.cursor.peek_word();
        // What goes on is a value that begins like a field: an address, a byte string.
        let is_whole = self.cursor.peek_value() == name;
        is_whole && (self.scheme.id(name).is_some() || self.member_ahead(name).is_some())
    }

    /// A call and the type of what it yields.
    pub(super) fn call(&mut self, id: FunctionId) -> Parsed<(Source, Type)> {
        let start = self.cursor.at;
        let function = id.function();
        self.cursor.at += function.name.len();
        self.cursor.skip_space();
        let open = self.cursor.at;
        self.cursor.eat("(");
        self.enter(start)?;
        match self.arguments(function) {
            Ok(read) => self.called(id, read, open),
            Err(fault) => {
                self.cursor.at = open;
                Err(fault)
            }
        }
    }

    /// What is made of a call that has been read, up to here from `open` on.
    ///
    /// Calls are read within calls: what is done before and behind an inner one stands in functions
    /// of its own, so that the room that it takes on the stack is not taken once for each level.
    fn called(&mut self, id: FunctionId, read: Read, open: usize) -> Parsed<(Source, Type)> {
        self.depth -= 1;
        let function = id.function();
        let Read { arguments, types, spans } = read;
        if arguments.len() < function.required {
            let problem = count_fault(function, arguments.len());
            return Err(Diagnostic::new(problem, self.cursor.since(open)));
        }
        let yielded = (function.yields)(&arguments, &types);
        let ty = yielded.map_err(|Misfit { argument, expected }| {
            let span = spans.get(argument).cloned().unwrap_or(open..self.cursor.at);
            let problem = Problem::ArgumentValue {
                function: function.name,
                parameter: parameter(function, argument).map_or("", |known| known.name),
                expected,
                found: self.cursor.slice(span.clone()).to_owned(),
            };
            self.cursor.at = open;
            Diagnostic::new(problem, span)
        })?;
        let call = Call { function: id, arguments };
        let ty = if call.is_mapped() { Type::Array(Box::new(ty)) } else { ty };
        Ok((Source::Call(Box::new(call)), ty))
    }

    /// What stands between the parentheses, the closing one included.
    fn arguments(&mut self, function: &'static Function) -> Parsed<Read> {
        let mut read = Read::default();
        self.cursor.skip_space();
        if self.cursor.eat(")") {
            return Ok(read);
        }
        loop {
            let index = read.arguments.len();
            let start = self.cursor.at;
            let Some(parameter) = parameter(function, index) else {
                return Err(self.too_many(function, index + 1));
            };
            let given = self.argument(function, parameter)?;
            let span = self.cursor.since(start);
            read.take(function, given, span)?;
            self.cursor.skip_space();
            if self.cursor.eat(")") {
                return Ok(read);
            }
            if !self.cursor.eat(",") {
                return Err(self.cursor.unexpected("`,` or `)`"));
            }
            self.cursor.skip_space();
        }
    }

    fn too_many(&self, function: &'static Function, count: usize) -> Diagnostic {
        let (_, span) = self.cursor.found();
        Diagnostic::new(count_fault(function, count), span)
    }

    fn argument(
        &mut self,
        function: &'static Function,
        parameter: &'static Parameter,
    ) -> Parsed<(Argument, Type)> {
        let start = self.cursor.at;
        if let Some(literal) = self.given_literal(function, parameter)? {
            return Ok(literal);
        }
        let (operand, ty) = self.operand()?;
        self.check_given(function, parameter, &ty, start)?;
        Ok((Argument::Operand(operand), ty))
    }

    /// The value that stands here as an argument, if one does.
    fn given_literal(
        &mut self,
        function: &'static Function,
        parameter: &'static Parameter,
    ) -> Parsed<Option<(Argument, Type)>> {
        let start = self.cursor.at;
        let Some((literal, ty)) = self.literal_argument(parameter)? else {
            if is_keyword(self.cursor.peek_word()) {
                return Err(self.cursor.unexpected("a field, a value or a call"));
            }
            return Ok(None);
        };
        let span = self.cursor.since(start);
        if !parameter.shapes.iter().any(|shape| shape.admits(&ty)) {
            let found = format!("`{}`", self.cursor.slice(span.clone()));
            return Err(unfit(function, parameter, found, span));
        }
        if parameter.kind == Kind::Field {
            self.cursor.extension(Extension::LiteralArgument, start);
        }
        Ok(Some((Argument::Literal(literal), ty)))
    }

    /// Whether what stands from `start` on, of this type and no literal, can be an argument.
    fn check_given(
        &self,
        function: &'static Function,
        parameter: &'static Parameter,
        ty: &Type,
        start: usize,
    ) -> Parsed<()> {
        let span = self.cursor.since(start);
        let text = self.cursor.slice(span.clone());
        if parameter.kind == Kind::Literal {
            let (function, parameter) = (function.name, parameter.name);
            let found = text.to_owned();
            let problem = Problem::ArgumentComputed { function, parameter, found };
            return Err(Diagnostic::new(problem, span));
        }
        if !parameter.shapes.iter().any(|shape| shape.admits(ty)) {
            let found = format!("`{text}`, which is of type {ty}");
            return Err(unfit(function, parameter, found, span));
        }
        Ok(())
    }

    /// The value that stands here, if one does.
    fn literal_argument(&mut self, parameter: &Parameter) -> Parsed<Option<(Literal, Type)>> {
        let accepts = |shape| parameter.shapes.contains(&shape);
        let value = self.cursor.peek_value();
        let is_number = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        Ok(Some(if self.cursor.string_ahead() {
            (Literal::Bytes(self.cursor.bytes()?), Type::Bytes)
        } else if self.operand_ahead() {
            return Ok(None);
        } else if let Some(constant) = self.cursor.any_constant() {
            constant
        } else if accepts(Shape::Ip) && value.parse::<IpAddr>().is_ok() {
            (Literal::Ip(self.cursor.plain_address()?), Type::Ip)
        } else if accepts(Shape::Bytes) && self.cursor.byte_string_ahead() {
            (Literal::Bytes(self.cursor.bytes()?), Type::Bytes)
        } else if is_number {
            (Literal::Int(self.cursor.int()?), Type::Int)
        } else if let "true" | "false" = value {
            self.cursor.at += value.len();
            (Literal::Bool(value == "true"), Type::Bool)
        } else if value.is_empty() {
            return Err(self.cursor.unexpected("a field, a value or a call"));
        } else {
            return Ok(None);
        }))
    }
}

fn parameter(function: &'static Function, index: usize) -> Option<&'static Parameter> {
    let repeated = function.parameters.last().filter(|_| function.repeats == Repeats::Last);
    function.parameters.get(index).or(repeated).filter(|_| index < ARGUMENTS_MAX)
}

fn count_fault(function: &'static Function, found: usize) -> Problem {
    let (least, most) = (function.required, function.parameters.len());
    let plural = |count| if count == 1 { "argument" } else { "arguments" };
    let expected = match function.repeats {
        Repeats::Last if found >= ARGUMENTS_MAX => format!("at most {ARGUMENTS_MAX} arguments"),
        Repeats::Last => format!("at least {least} {}", plural(least)),
        Repeats::No if least == most => format!("{least} {}", plural(least)),
        Repeats::No => format!("{least} to {most} arguments"),
    };
    Problem::ArgumentCount { function: function.name, expected, found }
}

#[cfg(test)]
mod tests {
    use crate::filter::{Filter, Truth};
    use crate::options::ParseOptions;
    use crate::test_scheme;
    use crate::value::Value;

    fn check(text: &str, place: &str, headline: &str, help: &str) {
        let parsed = Filter::parse(&test_scheme::scheme(), text, &ParseOptions::default());
        let error = parsed.expect_err(text);
        let [fault] = error.diagnostics() else { panic!("{text}: {error:#?}") };
        assert_eq!(fault.to_string(), headline, "{text}");
        assert_eq!(fault.problem().help().unwrap_or_default(), help, "{text}");
        assert_eq!(&text[fault.span()], place, "{text}");
    }

    fn accept(text: &str, printed: &str) {
        let parsed = Filter::parse(&test_scheme::scheme(), text, &ParseOptions::default());
        assert_eq!(parsed.expect(text).to_string(), printed);
    }

    #[test]
    fn calls_are_read() {
        accept("lower ( http.host ) == 'a'", r#"lower(http.host) == "a""#);
        accept("starts_with(http.host,'a')", r#"starts_with(http.host, "a")"#);
        accept("cidr(ip.src, 24,64)in{::/64}", "cidr(ip.src, 24, 64) in {::/64}");
        accept("len(concat(names,names)) > 3", "len(concat(names, names)) > 3");
        accept("concat(names[*], 61:62)[0] == 'a'", r#"concat(names[*], "ab")[0] == "a""#);
        accept("port == len(http.host)", "port == len(http.host)");
        accept("http.host == lower(http.host)", "http.host == lower(http.host)");
        accept(
            "to_string(-1) == '-1' and to_string(::1) == '::1'",
            r#"to_string(-1) == "-1" and to_string(::1) == "::1""#,
        );
        accept("any(starts_with(names[*], 'a'))", r#"any(starts_with(names[*], "a"))"#);
        accept("all(lower(names[*])[*] in {'a'})", r#"all(lower(names[*])[*] in {"a"})"#);
        accept("has_value(names, 'a') == true", r#"has_value(names, "a") == true"#);
    }

    #[test]
    fn arguments_are_put_right() {
        check("lower() == 'a'", "()", "`lower` takes 1 argument, found 0", "");
        check("lower(http.host, 'b') == 'a'", "'b'", "`lower` takes 1 argument, found 2", "");
        check(
            "substring(http.host) == 'a'",
            "(http.host)",
            "`substring` takes 2 to 3 arguments, found 1",
            "",
        );
        check(
            "lower(port) == 'a'",
            "port",
            "`lower` takes Bytes as `source`, found `port`, which is of type Int",
            "",
        );
        check("concat(0, 0) == 'a'", "0", "`concat` takes Bytes or Array as `part`, found `0`", "");
        check(
            "concat(http.host, names) == 'a'",
            "names",
            "`concat` takes the type of the first argument as `part`, found `names`",
            "",
        );
        check(
            "starts_with(http.host, names[*])",
            "names[*]",
            "`[*]` can stand in the first argument of `starts_with` alone",
            "name one element, as in `[0]`",
        );
        check(
            "len(split(http.host, http.method, 2)) == 1",
            "http.method",
            "`split` takes a value that stands in the text as `separator`, found `http.method`",
            "write the value itself",
        );
        check(
            "len(split(http.host, '', 2)) == 1",
            "''",
            "`split` takes a string that is not empty as `separator`, found `''`",
            "",
        );
        check(
            "len(split(http.host, ',', 129)) == 1",
            "129",
            "`split` takes 1 to 128 pieces as `limit`, found `129`",
            "",
        );
        check(
            "cidr(ip.src, 33, 64) == 0.0.0.0",
            "33",
            "`cidr` takes 1 to 32 bits as `ipv4_network_bits`, found `33`",
            "",
        );
        check(
            "url_decode(http.host, 'x') == ''",
            "'x'",
            "`url_decode` takes the letters `r` and `u` as `options`, found `'x'`",
            "",
        );
        check(
            "has_key(names, 'a')",
            "'a'",
            "`has_key` takes a number, as the first argument is an array as `key`, found `'a'`",
            "",
        );
        check(
            "regex_replace(http.host, '(', '') == ''",
            "regex_replace(http.host, '(', '') == ''",
            "the regular expression is faulty: unclosed group",
            "",
        );
        check(
            "regex_replace(http.host, 'a', '$1') == ''",
            "'$1'",
            "`regex_replace` takes a replacement whose `$` are written `$$` or begin `${1}` to \
             `${8}`, groups of the pattern as `replacement`, found `'$1'`",
            "",
        );
        check(
            "wildcard_replace(http.host, '**', '') == ''",
            "'**'",
            "`wildcard_replace` takes a wildcard pattern: `**` is none, and escapes are `\\*` and \
             `\\\\` as `pattern`, found `'**'`",
            "",
        );
        check("lower(http.host == 'a'", "=", "expected `,` or `)`, found `=`", "");
    }

    #[test]
    fn faults_of_arguments_do_not_hide_those_behind() {
        let text = "lower(prt) == 'a' and (upper(lower(1, 2)) == 'b' or zzz)";
        let parsed = Filter::parse(&test_scheme::scheme(), text, &ParseOptions::default());
        let error = parsed.expect_err("three faults");
        let codes: Vec<_> = error.diagnostics().iter().map(|f| f.problem().code()).collect();
        assert_eq!(codes, ["unknown-field", "argument-type", "unknown-field"]);
    }

    #[test]
    fn calls_are_nested_like_parentheses() {
        let options = ParseOptions { max_nesting_depth: 2, ..ParseOptions::default() };
        let scheme = test_scheme::scheme();
        let text =
            |depth| format!("{}http.host{} == 'a'", "lower(".repeat(depth), ")".repeat(depth));
        assert!(Filter::parse(&scheme, &text(2), &options).is_ok());
        let deeper = Filter::parse(&scheme, &text(3), &options).expect_err("too deep");
        assert_eq!(deeper.diagnostics()[0].problem().code(), "nesting");
        let depth = ParseOptions::NESTING_DEPTH_CEILING;
        let options = ParseOptions { max_nesting_depth: depth, ..options };
        let deepest = Filter::parse(&scheme, &text(depth), &options).expect("deep enough");
        assert_eq!(deepest.to_string().matches("lower").count(), depth);
        let facts = test_scheme::settled(&vec![Some(Value::from("A")); 14]);
        assert_eq!(deepest.truth(&facts), Truth::True);
        assert!(Filter::parse(&scheme, &text(100_000), &options).is_err());
    }
}
