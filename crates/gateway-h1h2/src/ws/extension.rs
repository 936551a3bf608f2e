//! The lists of `Sec-WebSocket-Extensions` and `Sec-WebSocket-Protocol` (RFC 6455 §9.1, §4.1).

use crate::fields::is_token_byte;

/// One extension of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) name: String,
    /// Parameters in order; a value has its quotes taken off.
    pub(super) parameters: Vec<(String, Option<String>)>,
}

/// The extensions of the values of a field, in order; `None` if they break the grammar.
pub(super) fn parse_extensions<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Option<Vec<Extension>> {
    let mut found = Vec::new();
    for value in values {
        for element in split(value, b',')? {
            // Empty elements of lists are passed over (RFC 9110 §5.6.1).
            if element.is_empty() {
                continue;
            }
            let mut parts = split(element, b';')?.into_iter();
            let name = token(parts.next()?)?;
            let parameters = parts.map(parameter).collect::<Option<_>>()?;
            found.push(Extension { name, parameters });
        }
    }
    Some(found)
}

/// The tokens of the values of a field, in order; `None` if one of them is none.
pub(super) fn parse_tokens<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for value in values {
        for element in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            if !element.is_empty() {
                found.push(token(element)?);
            }
        }
    }
    Some(found)
}

fn parameter(part: &[u8]) -> Option<(String, Option<String>)> {
    match part.iter().position(|byte| *byte == b'=') {
        None => Some((token(part)?, None)),
        Some(at) => {
            let (name, value) = part.split_at_checked(at)?;
            let value = value.get(1..)?.trim_ascii();
            // A quoted value is a token once its quotes are off (RFC 6455 §9.1).
            let value = match value {
                [b'"', inner @ .., b'"'] => inner,
                _ => value,
            };
            Some((token(name.trim_ascii())?, Some(token(value)?)))
        }
    }
}

fn token(bytes: &[u8]) -> Option<String> {
    let is_token = !bytes.is_empty() && bytes.iter().copied().all(is_token_byte);
    is_token.then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// The trimmed parts of `value` between separators that stand outside of quotes; `None` if a
/// quote stays open.
fn split(value: &[u8], separator: u8) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (i, byte) in value.iter().enumerate() {
        if *byte == b'"' {
            quoted = !quoted;
        } else if *byte == separator && !quoted {
            parts.push(value.get(from..i)?.trim_ascii());
            from = i + 1;
        }
    }
    parts.push(value.get(from..)?.trim_ascii());
    (!quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str]) -> Option<String> {
        let found = parse_extensions(values.iter().map(|value| value.as_bytes()))?;
        let show = |extension: &Extension| {
            let parameters = extension.parameters.iter().map(|(name, value)| match value {
                None => format!(";{name}"),
                Some(value) => format!(";{name}={value}"),
            });
            extension.name.clone() + &parameters.collect::<String>()
        };
        Some(found.iter().map(show).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn lists_of_extensions() {
        for (values, expected) in [
            (&["a"][..], Some("a")),
            (&["a; b ;c=1, d", " e ; f = \"2\" "], Some("a;b;c=1,d,e;f=2")),
            (&["", ", a ,,"], Some("a")),
            (&["a;"], None),
            (&["a;=1"], None),
            (&["a;b=\"1"], None),
            (&["a;b=\"1,2\""], None),
            (&["a b"], None),
            (&["a;b="], None),
        ] {
            assert_eq!(check(values).as_deref(), expected, "{values:?}");
        }
    }

    #[test]
    fn lists_of_tokens() {
        let values = [&b"chat, superchat"[..], b"", b"a,"];
        assert_eq!(parse_tokens(values), Some(vec!["chat".into(), "superchat".into(), "a".into()]));
        assert_eq!(parse_tokens([&b"a b"[..]]), None);
    }
}
