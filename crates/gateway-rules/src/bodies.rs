//! Conditions on the field that says which body is looked at: `http.body_phase`.
//!
//! A rule that names it is asked of the two bodies apart, as if it were two rules: of the request
//! body the field is `upload`, of the response body it is `download`, and fields of either body, such
//! as `dlp.profiles`, are those of that body alone. This is done once, on the syntax tree: no fact of
//! that name exists. A [`Filter`](crate::Filter) that stands alone is left as it is written.

use bytes::Bytes;

use crate::ast::{
    Argument, Call, Connective, Expr, ExprKind, Literal, Operand, Order, Source, Span, Test,
};
use crate::check::Check;
use crate::diagnostic::Diagnostic;
use crate::filter::ParseError;
use crate::options::ParseOptions;
use crate::parse;
use crate::pattern::Patterns;
use crate::phase::{Phase, PhaseSet};
use crate::print::Printed;
use crate::problem::Problem;
use crate::scheme::{FieldId, Scheme};
use crate::value::Value;

/// The text of a condition that asks of each body for what `text` asks for by `http.body_phase`;
/// `None` where `text` does not name that field.
///
/// ```
/// use gateway_rules::{ParseOptions, Scheme, without_body_phase};
///
/// let text = r#"http.body_phase == "upload" and any(dlp.profiles[*] == "cards")"#;
/// let plain = without_body_phase(&Scheme::gateway(), text, &ParseOptions::default())?;
/// assert_eq!(plain.as_deref(), Some(r#"any(dlp.upload.profiles[*] == "cards")"#));
/// # Ok::<(), gateway_rules::ParseError>(())
/// ```
///
/// # Errors
/// [`ParseError`], as for a rule with this condition.
pub fn without_body_phase(
    scheme: &Scheme,
    text: &str,
    options: &ParseOptions,
) -> Result<Option<String>, ParseError> {
    let refused = |diagnostics| ParseError { diagnostics };
    let expr = parse::parse(scheme, text, options).map_err(refused)?.expr;
    let Some(phase) = scheme.body_phase().filter(|&phase| place_of(&expr, phase).is_some()) else {
        return Ok(None);
    };
    let apart = apart(scheme, phase, &expr, options).map_err(|fault| refused(vec![fault]))?;
    Ok(Some(Printed { scheme, expr: &apart }.to_string()))
}

/// The condition of a rule.
pub(crate) struct Condition {
    pub(crate) expr: Expr,
    /// Where it names the field that says which body is looked at, and that field.
    pub(crate) body_phase: Option<(FieldId, Span)>,
}

/// Reads the condition of a rule.
///
/// # Errors
/// At least one diagnostic, in the order of the text.
pub(crate) fn read(
    scheme: &Scheme,
    text: &str,
    options: &ParseOptions,
) -> Result<Condition, Vec<Diagnostic>> {
    let expr = parse::parse(scheme, text, options)?.expr;
    let place = scheme.body_phase().and_then(|phase| Some((phase, place_of(&expr, phase)?.span)));
    let expr = match place {
        Some((phase, _)) => apart(scheme, phase, &expr, options).map_err(|fault| vec![fault])?,
        None => expr,
    };
    Ok(Condition { expr, body_phase: place })
}

/// One of the two bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Request,
    Response,
}

impl Body {
    /// The value of the field.
    const fn word(self) -> &'static str {
        match self {
            Self::Request => "upload",
            Self::Response => "download",
        }
    }

    /// The phases in which something of the message is known that is not known before it.
    const fn phases(self) -> PhaseSet {
        match self {
            Self::Request => PhaseSet::of(&[Phase::RequestBody]),
            Self::Response => PhaseSet::of(&[Phase::ResponseHead, Phase::ResponseBody]),
        }
    }
}

fn apart(
    scheme: &Scheme,
    phase: FieldId,
    expr: &Expr,
    options: &ParseOptions,
) -> Result<Expr, Diagnostic> {
    let of = |body| {
        let mut reader = Reader { scheme, phase, body, patterns: Patterns::default(), options };
        let of_body = reader.expr(expr)?;
        let is_known_late = |id| !scheme.phases(id).intersection(body.phases()).is_empty();
        // Else it would hold before there is a body, and of the other one too.
        if of_body.kind != ExprKind::Constant(false) && !reads(&of_body, &is_known_late) {
            let place = place_of(expr, phase).unwrap_or(expr);
            let problem = Problem::BodyPhaseAlone { body: body.word() };
            return Err(Diagnostic::new(problem, place.span.range()));
        }
        Ok(of_body)
    };
    let items = vec![of(Body::Request)?, of(Body::Response)?];
    Ok(joined(Connective::Or, items, expr))
}

/// Reads a condition as it stands while one body is looked at.
struct Reader<'a> {
    scheme: &'a Scheme,
    phase: FieldId,
    body: Body,
    patterns: Patterns,
    options: &'a ParseOptions,
}

impl Reader<'_> {
    fn expr(&mut self, expr: &Expr) -> Result<Expr, Diagnostic> {
        let kind = match &expr.kind {
            ExprKind::Constant(value) => ExprKind::Constant(*value),
            ExprKind::Joined(connective, items) => {
                let items = items.iter().map(|item| self.expr(item)).collect::<Result<_, _>>()?;
                return Ok(joined(*connective, items, expr));
            }
            ExprKind::Not(inner) => return Ok(not(self.expr(inner)?, expr)),
            ExprKind::Quantified(quantifier, inner) => {
                ExprKind::Quantified(*quantifier, Box::new(self.expr(inner)?))
            }
            ExprKind::Test(operand, test) => self.test(operand, test, expr)?,
        };
        Ok(Expr { kind, span: expr.span })
    }

    fn test(&mut self, operand: &Operand, test: &Test, at: &Expr) -> Result<ExprKind, Diagnostic> {
        let told = |problem| Diagnostic::new(problem, at.span.range());
        let is_phase = operand.source == Source::Field(self.phase) && operand.path.is_empty();
        if is_phase && !matches!(test, Test::Against(..)) {
            if let Some(found) = other_value(test) {
                let found = String::from_utf8_lossy(found).into_owned();
                return Err(told(Problem::BodyPhaseValue { found }));
            }
            let check = Check::new(test, &mut self.patterns, self.options).map_err(told)?;
            let value = Value::Bytes(Bytes::from_static(self.body.word().as_bytes()));
            return Ok(ExprKind::Constant(check.holds(&value).unwrap_or(false)));
        }
        let phase = |id| id == self.phase;
        if operand_reads(operand, &phase) || test_reads(test, &phase) {
            return Err(told(Problem::BodyPhaseOperand));
        }
        let test = match test {
            Test::Against(order, right) => Test::Against(*order, self.operand(right)),
            other => other.clone(),
        };
        Ok(ExprKind::Test(self.operand(operand), test))
    }

    fn operand(&self, operand: &Operand) -> Operand {
        let source = match &operand.source {
            Source::Field(id) => Source::Field(self.twin(*id)),
            Source::Call(call) => {
                let argument = |argument: &Argument| match argument {
                    Argument::Literal(literal) => Argument::Literal(literal.clone()),
                    Argument::Operand(inner) => Argument::Operand(self.operand(inner)),
                };
                let arguments = call.arguments.iter().map(argument).collect();
                Source::Call(Box::new(Call { function: call.function, arguments }))
            }
        };
        Operand { source, path: operand.path.clone() }
    }

    /// Of a field of either body the one of this body: of `dlp.profiles` it is
    /// `dlp.upload.profiles`.
    fn twin(&self, id: FieldId) -> FieldId {
        let Some(field) = self.scheme.field(id) else { return id };
        let both = PhaseSet::of(&[Phase::RequestBody, Phase::ResponseBody]);
        if !both.is_subset(field.phases()) {
            return id;
        }
        let Some((group, rest)) = field.name().split_once('.') else { return id };
        let twin = self.scheme.id(&format!("{group}.{}.{rest}", self.body.word()));
        let is_alike =
            |twin: &FieldId| self.scheme.field(*twin).is_some_and(|twin| twin.ty() == field.ty());
        twin.filter(is_alike).unwrap_or(id)
    }
}

/// A value that the field is compared with and never has.
fn other_value(test: &Test) -> Option<&Bytes> {
    let values = match test {
        Test::Order(Order::Equal | Order::NotEqual, Literal::Bytes(value)) => {
            std::slice::from_ref(value)
        }
        Test::InBytes(values) => values.as_slice(),
        _ => return None,
    };
    let words = [Body::Request, Body::Response].map(Body::word);
    values.iter().find(|value| words.iter().all(|word| word.as_bytes() != **value))
}

/// `items` joined, as short as constants and repetitions let it be; it stands where `at` does.
fn joined(connective: Connective, items: Vec<Expr>, at: &Expr) -> Expr {
    let constant = |value| Expr { kind: ExprKind::Constant(value), span: at.span };
    // What decides an `and` or an `or` alone.
    let decisive = match connective {
        Connective::And => Some(false),
        Connective::Or => Some(true),
        Connective::Xor => None,
    };
    let mut kept: Vec<Expr> = Vec::with_capacity(items.len());
    let mut is_turned = false;
    for item in items {
        match (&item.kind, decisive) {
            (ExprKind::Constant(value), Some(decisive)) if *value == decisive => {
                return constant(decisive);
            }
            (ExprKind::Constant(_), Some(_)) => {}
            (ExprKind::Constant(value), None) => is_turned ^= value,
            (_, Some(_)) if kept.contains(&item) => {}
            _ => kept.push(item),
        }
    }
    let whole = match kept.len() {
        0 => constant(connective == Connective::And),
        1 => kept.swap_remove(0),
        _ => Expr { kind: ExprKind::Joined(connective, kept), span: at.span },
    };
    if is_turned { not(whole, at) } else { whole }
}

fn not(inner: Expr, at: &Expr) -> Expr {
    let kind = match inner.kind {
        ExprKind::Constant(value) => ExprKind::Constant(!value),
        _ => ExprKind::Not(Box::new(inner)),
    };
    Expr { kind, span: at.span }
}

/// The first test that names the field.
fn place_of(expr: &Expr, field: FieldId) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Constant(_) => None,
        ExprKind::Joined(_, items) => items.iter().find_map(|item| place_of(item, field)),
        ExprKind::Not(inner) | ExprKind::Quantified(_, inner) => place_of(inner, field),
        ExprKind::Test(..) => reads(expr, &|id| id == field).then_some(expr),
    }
}

/// Whether a field of that kind is read.
fn reads(expr: &Expr, is_meant: &impl Fn(FieldId) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Constant(_) => false,
        ExprKind::Joined(_, items) => items.iter().any(|item| reads(item, is_meant)),
        ExprKind::Not(inner) | ExprKind::Quantified(_, inner) => reads(inner, is_meant),
        ExprKind::Test(operand, test) => {
            operand_reads(operand, is_meant) || test_reads(test, is_meant)
        }
    }
}

fn test_reads(test: &Test, is_meant: &impl Fn(FieldId) -> bool) -> bool {
    matches!(test, Test::Against(_, right) if operand_reads(right, is_meant))
}

fn operand_reads(operand: &Operand, is_meant: &impl Fn(FieldId) -> bool) -> bool {
    match &operand.source {
        Source::Field(id) => is_meant(*id),
        Source::Call(call) => call.arguments.iter().any(|argument| match argument {
            Argument::Literal(_) => false,
            Argument::Operand(inner) => operand_reads(inner, is_meant),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let plain = without_body_phase(&Scheme::gateway(), text, &ParseOptions::default());
        let plain = match plain {
            Ok(Some(plain)) => plain,
            Ok(None) => text.to_owned(),
            Err(error) => {
                let fault = &error.diagnostics()[0];
                format!("{}: {fault}", &text[fault.span()])
            }
        };
        assert_eq!(plain, expected, "{text}");
    }

    #[test]
    fn each_body_has_fields_of_its_own() {
        for (text, expected) in [
            (
                r#"any(dlp.profiles[*] in {"a"}) and http.body_phase == "upload""#,
                r#"any(dlp.upload.profiles[*] in {"a"})"#,
            ),
            (
                r#"http.body_phase in {"download"} and (av.infected or any(content.unscannable[*] == "x")) and http.request.host == "a""#,
                r#"(av.download.infected or any(content.download.unscannable[*] == "x")) and http.request.host == "a""#,
            ),
            (
                r#"http.body_phase != "upload" and len(dlp.entries) > 1"#,
                "len(dlp.download.entries) > 1",
            ),
            (r#"not (http.body_phase == "upload") and av.infected"#, "av.download.infected"),
            (
                r#"http.body_phase == "upload" and dlp.count > 1 or http.body_phase == "download" and dlp.count > 5"#,
                "dlp.upload.count > 1 or dlp.download.count > 5",
            ),
            (
                r#"http.body_phase == "upload" xor av.infected"#,
                "not av.upload.infected or av.download.infected",
            ),
            (
                r#"http.body_phase wildcard "*load" and http.upload.file.size > 1 and av.infected"#,
                "http.upload.file.size > 1 and av.upload.infected or http.upload.file.size > 1 and av.download.infected",
            ),
            (
                r#"http.body_phase == "download" and http.response.mime == "text/html""#,
                r#"http.response.mime == "text/html""#,
            ),
            (r#"http.body_phase contains "x" and av.infected"#, "false"),
            ("av.infected and dlp.count > 1", "av.infected and dlp.count > 1"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn what_would_hold_of_no_body_alone_is_refused() {
        for (text, expected) in [
            (
                r#"http.body_phase == "upload""#,
                r#"http.body_phase == "upload": nothing of the upload is asked for besides `http.body_phase`"#,
            ),
            (
                r#"http.body_phase == "download" and http.request.host == "a""#,
                r#"http.body_phase == "download": nothing of the download is asked for besides `http.body_phase`"#,
            ),
            (
                r#"av.infected or http.body_phase == "upload""#,
                r#"http.body_phase == "upload": nothing of the upload is asked for besides `http.body_phase`"#,
            ),
            (
                "http.body_phase == http.request.method and av.infected",
                "http.body_phase == http.request.method: `http.body_phase` can be compared with values alone",
            ),
            (
                r#"http.body_phase == "down" and av.infected"#,
                r#"http.body_phase == "down": `http.body_phase` is `upload` or `download`, never `down`"#,
            ),
            (
                r#"av.infected and lower(http.body_phase) == "upload""#,
                r#"lower(http.body_phase) == "upload": `http.body_phase` can be compared with values alone"#,
            ),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn every_field_of_either_body_has_twins() {
        let scheme = Scheme::gateway();
        let both = PhaseSet::of(&[Phase::RequestBody, Phase::ResponseBody]);
        let options = ParseOptions::default();
        for body in [Body::Request, Body::Response] {
            let phase = scheme.body_phase().expect("the field is declared");
            let patterns = Patterns::default();
            let reader = Reader { scheme: &scheme, phase, body, patterns, options: &options };
            for (id, field) in scheme.fields().filter(|(id, _)| *id != phase) {
                let is_of_either = both.is_subset(field.phases());
                assert_eq!(reader.twin(id) != id, is_of_either, "{}", field.name());
            }
        }
    }
}
