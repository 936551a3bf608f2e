//! `gateway-proxy rules eval`: JSON lines in, one JSON line out for each, in order.
//!
//! A request is an object: `expr` is the expression; `scheme` is `"gateway"` or an object that
//! gives each field `{"type": T, "optional": bool}`, where T is `"Bool"`, `"Int"`, `"Ip"`,
//! `"Bytes"`, `{"Array": T}` or `{"Map": T}`; `values` gives fields their values, without it the
//! expression is only checked. Bytes are a string, or an array of numbers where they are no text.
//! `lists` gives lists by name, each `{"kind": "domain", "items": ["…"]}` with a kind of list and
//! the items as a list's file has them; without it every name stands for an empty list, so that an expression can be checked
//! apart from its lists. `constants` gives named values, each `{"type": T, "value": …}`.
//! `nil_not_equal` (a Bool), `compat` (`"wirefilter"`), `max_nesting_depth` and
//! `wildcard_star_limit` are options of the reader.
//!
//! An answer is `{"result": …}`, `{"ok": true}` or
//! `{"error": {"kind", "message", "start", "end", "diagnostics"}}` with byte offsets into the
//! expression; `diagnostics`, of an expression that cannot be read, has all that is wrong with it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::sync::Arc;

use gateway_rules::{
    Answer, Compat, ConstantError, Constants, Facts, Filter, List, ListError, ListKind, ListSeed,
    Lists, NilNotEqual, ParseError, ParseOptions, Phase, PhaseSet, Scheme, SchemeBuilder,
    SchemeError, Truth, Type, UnknownLists, Yields,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::rules_facts::{FactsFault, facts, value};

/// Answers every line of `input` on `output`. Blank lines are passed over.
///
/// # Errors
/// Reading or writing failed; a faulty request is answered instead.
pub(crate) fn run(input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    for line in input.split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer(&line).unwrap_or_else(|fault| fault.to_json());
        writeln!(output, "{answer}")?;
    }
    output.flush()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    expr: String,
    scheme: SchemeText,
    values: Option<BTreeMap<String, Json>>,
    lists: Option<BTreeMap<String, ListText>>,
    constants: Option<BTreeMap<String, ConstantText>>,
    nil_not_equal: Option<bool>,
    compat: Option<CompatText>,
    max_nesting_depth: Option<usize>,
    wildcard_star_limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SchemeText {
    Named(NamedScheme),
    Fields(BTreeMap<String, FieldText>),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum NamedScheme {
    Gateway,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldText {
    #[serde(rename = "type")]
    ty: TypeText,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListText {
    kind: String,
    items: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstantText {
    #[serde(rename = "type")]
    ty: TypeText,
    value: Json,
}

#[derive(Deserialize)]
enum TypeText {
    Bool,
    Int,
    Ip,
    Bytes,
    Array(Box<Self>),
    Map(Box<Self>),
}

impl From<TypeText> for Type {
    fn from(text: TypeText) -> Self {
        match text {
            TypeText::Bool => Self::Bool,
            TypeText::Int => Self::Int,
            TypeText::Ip => Self::Ip,
            TypeText::Bytes => Self::Bytes,
            TypeText::Array(element) => Self::Array(Box::new((*element).into())),
            TypeText::Map(element) => Self::Map(Box::new((*element).into())),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum CompatText {
    Wirefilter,
}

/// Why a request cannot be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("the request is not understood: {0}")]
    Request(#[from] serde_json::Error),
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    #[error(transparent)]
    Values(#[from] FactsFault),
    #[error("the list `{name}`: {fault}")]
    List { name: String, fault: Box<ListError> },
    #[error("the list `{name}` is of no kind that there is: `{kind}`")]
    ListKind { name: String, kind: String },
    #[error("the constant `{name}`: {fault}")]
    Constant { name: String, fault: ConstantError },
    #[error("{error}")]
    Expression { error: ParseError, text: String },
}

impl Fault {
    fn to_json(&self) -> Json {
        let (kind, span) = match self {
            Self::Request(_) => ("request", 0..0),
            Self::Scheme(_) => ("scheme", 0..0),
            Self::Values(_) => ("values", 0..0),
            Self::List { .. } | Self::ListKind { .. } => ("lists", 0..0),
            Self::Constant { .. } => ("constants", 0..0),
            Self::Expression { error, .. } => match error.diagnostics() {
                [first, ..] => (first.problem().code(), first.span()),
                [] => ("expression", 0..0),
            },
        };
        let mut answer = json!({"error": {
            "kind": kind,
            "message": self.to_string(),
            "start": span.start,
            "end": span.end,
        }});
        if let Self::Expression { error, text } = self {
            let diagnostics = error.diagnostics().iter().map(|fault| fault.to_json(text));
            // What the library writes is JSON.
            let read = |text: String| serde_json::from_str::<Json>(&text).unwrap_or_default();
            answer["error"]["diagnostics"] = diagnostics.map(read).collect();
        }
        answer
    }
}

/// A request, read.
pub(super) struct Asked {
    /// The expression, compiled.
    pub(super) filter: Filter,
    /// The expression as it was written.
    pub(super) text: String,
    /// The fields.
    pub(super) scheme: Arc<Scheme>,
    /// What is known; `None` where the expression is only to be checked.
    pub(super) facts: Option<Facts>,
}

fn answer(line: &[u8]) -> Result<Json, Fault> {
    let Asked { filter, facts, .. } = read(line)?;
    let Some(facts) = facts else { return Ok(json!({"ok": true})) };
    Ok(match filter.answer(&facts) {
        Answer::Bool(truth) => json!({"result": truth == Truth::True}),
        Answer::Array(values) => json!({"result": values}),
    })
}

/// Reads a request.
///
/// # Errors
///
/// [`Fault`].
pub(super) fn read(line: &[u8]) -> Result<Asked, Fault> {
    let request: Request = serde_json::from_slice(line)?;
    let scheme = scheme(request.scheme)?;
    let defaults = ParseOptions::default();
    let unknown_lists =
        if request.lists.is_some() { UnknownLists::Refused } else { UnknownLists::Empty };
    let options = ParseOptions {
        compat: match request.compat {
            Some(CompatText::Wirefilter) => Compat::Wirefilter,
            None => Compat::Extended,
        },
        yields: Yields::BoolOrArray,
        nil_not_equal: match request.nil_not_equal {
            Some(false) => NilNotEqual::False,
            Some(true) | None => NilNotEqual::True,
        },
        max_nesting_depth: request.max_nesting_depth.unwrap_or(defaults.max_nesting_depth),
        wildcard_star_limit: request.wildcard_star_limit.unwrap_or(defaults.wildcard_star_limit),
        lists: lists(request.lists.unwrap_or_default())?.into(),
        unknown_lists,
        constants: constants(request.constants.unwrap_or_default())?.into(),
        ..defaults
    };
    let filter = Filter::parse(&scheme, &request.expr, &options)
        .map_err(|error| Fault::Expression { error, text: request.expr.clone() })?;
    let facts = request.values.map(|values| facts(&scheme, values, None)).transpose()?;
    Ok(Asked { filter, text: request.expr, scheme, facts })
}

fn scheme(text: SchemeText) -> Result<Arc<Scheme>, SchemeError> {
    let fields = match text {
        SchemeText::Named(NamedScheme::Gateway) => return Ok(Scheme::gateway()),
        SchemeText::Fields(fields) => fields,
    };
    let phases = PhaseSet::of(&[Phase::Connect]);
    let mut builder = SchemeBuilder::new();
    for (name, field) in fields {
        builder = if field.optional {
            builder.optional_field(&name, field.ty.into(), phases, "")
        } else {
            builder.field(&name, field.ty.into(), phases, "")
        };
    }
    builder.build()
}

fn lists(texts: BTreeMap<String, ListText>) -> Result<Lists, Fault> {
    let mut lists = Lists::default();
    for (name, text) in texts {
        let kind = ListKind::ALL.into_iter().find(|kind| kind.name() == text.kind);
        let Some(kind) = kind else { return Err(Fault::ListKind { name, kind: text.kind }) };
        let items = text.items.iter().map(String::as_str);
        // Who asks has made the lists: nobody is kept from finding out the seed.
        let list = List::read(kind, ListSeed::new([0; 3]), items);
        let added = list.and_then(|list| lists.insert(&name, list));
        added.map_err(|fault| Fault::List { name, fault: Box::new(fault) })?;
    }
    Ok(lists)
}

fn constants(texts: BTreeMap<String, ConstantText>) -> Result<Constants, Fault> {
    let mut constants = Constants::default();
    for (name, text) in texts {
        let ty = Type::from(text.ty);
        let Some(value) = value(&ty, text.value) else {
            return Err(FactsFault::Value { name, ty }.into());
        };
        let added = constants.insert(&name, value);
        added.map_err(|fault| Fault::Constant { name, fault })?;
    }
    Ok(constants)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &Json, expected: &Json) {
        let mut output = Vec::new();
        run(request.to_string().as_bytes(), &mut output).expect("memory");
        let answer: Json = serde_json::from_slice(&output).expect("one JSON line");
        assert_eq!(&answer, expected, "{request}");
    }

    #[test]
    fn requests_are_answered() {
        check(
            &json!({"expr": "net.dst.port == 443", "scheme": "gateway", "values": {"net.dst.port": 443}}),
            &json!({"result": true}),
        );
        check(&json!({"expr": "net.dst.port == 443", "scheme": "gateway"}), &json!({"ok": true}));
        let bytes = json!({"Map": {"Array": "Bytes"}});
        check(
            &json!({
                "expr": r#"m["k"][*] == "\xff""#,
                "scheme": {"m": {"type": bytes, "optional": false}},
                "values": {"m": {"k": ["a", [255]]}},
            }),
            &json!({"result": [false, true]}),
        );
        let optional = json!({"n": {"type": "Int", "optional": true}});
        for (nil_not_equal, result) in [(true, true), (false, false)] {
            check(
                &json!({
                    "expr": "n != 1", "scheme": optional, "values": {},
                    "nil_not_equal": nil_not_equal, "compat": "wirefilter",
                }),
                &json!({"result": result}),
            );
        }
    }

    #[test]
    fn lists_and_constants_are_named() {
        let request = |expr: &str, extra: &Json| {
            let mut request = json!({
                "expr": expr, "scheme": "gateway", "values": {"net.dst.port": 443},
            });
            for (key, value) in extra.as_object().expect("an object") {
                request[key] = value.clone();
            }
            request
        };
        let lists = json!({"lists": {"web": {"kind": "number", "items": ["80", "440..443"]}}});
        let constants = json!({"constants": {"tls": {"type": "Int", "value": 443}}});
        for (expr, extra, result) in [
            ("net.dst.port in $web", &lists, true),
            ("net.dst.port in $web", &json!({}), false),
            ("net.dst.port == tls", &constants, true),
            ("net.dst.port in {1 tls}", &constants, true),
        ] {
            check(&request(expr, extra), &json!({"result": result}));
        }
        let unknown = request("net.dst.port in $web2", &lists);
        let fault = answer(unknown.to_string().as_bytes()).expect_err("unknown").to_json();
        let fix = json!({"start": 16, "end": 21, "text": "$web"});
        assert_eq!(fault["error"]["diagnostics"][0]["fix"], fix, "{fault}");
    }

    #[test]
    fn faults_are_answered_too() {
        for (line, kind, start, end) in [
            (r#"{"expr": "x == 1", "scheme": "gateway"}"#, "unknown-field", 0, 1),
            (r#"{"expr": "x", "scheme": {"x": {"type": "Float"}}}"#, "request", 0, 0),
            (r#"{"expr": "x", "scheme": {"x y": {"type": "Int"}}}"#, "scheme", 0, 0),
            (
                r#"{"expr": "x", "scheme": {"x": {"type": "Bool"}}, "values": {"x": 1}}"#,
                "values",
                0,
                0,
            ),
            (
                r#"{"expr": "x", "scheme": {"x": {"type": "Bool"}}, "values": {"y": 1}}"#,
                "values",
                0,
                0,
            ),
            ("nonsense", "request", 0, 0),
        ] {
            let answer = answer(line.as_bytes()).expect_err(line).to_json();
            let error = &answer["error"];
            assert_eq!(error["kind"], json!(kind), "{answer}");
            assert_eq!((&error["start"], &error["end"]), (&json!(start), &json!(end)), "{answer}");
        }
    }

    #[test]
    fn lines_keep_their_order() {
        let input = b"{\"expr\":\"true\",\"scheme\":{},\"values\":{}}\r\n\n\xffx\n\
            {\"expr\":\"false\",\"scheme\":{},\"values\":{}}";
        let mut output = Vec::new();
        run(input.as_slice(), &mut output).expect("memory");
        let lines: Vec<Json> = String::from_utf8(output)
            .expect("text")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], json!({"result": true}));
        assert_eq!(lines[1]["error"]["kind"], json!("request"));
        assert_eq!(lines[2], json!({"result": false}));
    }
}
