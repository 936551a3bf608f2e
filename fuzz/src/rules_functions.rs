//! Functions: each one takes whatever strings, numbers and addresses there are and comes to an end,
//! with a result that is not too long, twice the same.

use gateway_rules::{
    Facts, Filter, NilNotEqual, ParseOptions, Phase, PhaseSet, SchemeBuilder, Truth, Type, Value,
};

/// Calls over the fields, compared as holds whatever they are; `{}` stands for a literal string of
/// the input.
const CALLS: [&str; 31] = [
    r#"bit_slice(a, i, j) >= 0"#,
    r#"bit_slice(a, 3, 35) >= 0"#,
    r#"cidr(ip, i, j) <= ip"#,
    r#"cidr6(ip, i) == ip"#,
    r#"len(concat(a, b, a, {})) >= 0"#,
    r#"len(decode_base64(a)) >= 0"#,
    r#"len(encode_base64(a, "up")) >= 0"#,
    r#"decode_base64(encode_base64(a)) == a"#,
    r#"ends_with(a, b)"#,
    r#"has_value(split(a, "a", 9), b)"#,
    r#"has_key(split(a, "a", 9), i)"#,
    r#"is_timed_hmac_valid_v0({}, a, 100, i, 3)"#,
    r#"is_timed_hmac_valid_v0({}, a, 100, i, 3, "s")"#,
    r#"join(split(a, ",", 128), ",") == a"#,
    r#"len(join(split(a, ",", 128), b)) >= 0"#,
    r#"lookup_json_integer(a, b, i) >= 0"#,
    r#"lookup_json_integer(a, {}) >= 0"#,
    r#"len(lookup_json_string(a, b)) >= 0"#,
    r#"lower(a) == lower(upper(a))"#,
    r#"len(regex_replace(a, {}, "${1}$$x")) >= 0"#,
    r#"len(regex_replace(a, "(.)(.?)", "${2}${1}")) == len(a)"#,
    r#"len(remove_bytes(a, b)) <= len(a)"#,
    r#"len(remove_query_args(a, b, {})) <= len(a)"#,
    r#"len(sha256(a)) == 32"#,
    r#"starts_with(a, b)"#,
    r#"concat(substring(a, 0, i), substring(a, i)) == a"#,
    r#"len(substring(a, i, j)) <= len(a)"#,
    r#"len(url_decode(a, "ur")) <= len(a)"#,
    r#"len(uuidv4(a)) == 36"#,
    r#"len(wildcard_replace(a, {}, "${1}", "s")) >= 0"#,
    r#"wildcard_replace(a, "*", "${1}") == a"#,
];

/// The comparison turned round: of a law it never holds, whether there is a result or not.
fn negated(call: &str) -> Option<String> {
    let turned = [(" == ", " != "), (" <= ", " > "), (" >= ", " < ")];
    turned.iter().find(|(law, _)| call.contains(law)).map(|(law, other)| call.replace(law, other))
}

/// The first byte chooses the call, the next two the numbers, the fourth where the rest is cut into
/// two strings.
pub fn rules_functions(data: &[u8]) {
    let Some((&[call, i, j, cut], text)) = data.split_first_chunk() else { return };
    let call = CALLS[usize::from(call) % CALLS.len()];
    let (a, b) = text.split_at(usize::from(cut).min(text.len()));
    let phases = PhaseSet::of(&[Phase::Connect]);
    let fields = [
        ("a", Type::Bytes),
        ("b", Type::Bytes),
        ("i", Type::Int),
        ("j", Type::Int),
        ("ip", Type::Ip),
    ];
    let builder = fields.into_iter().fold(SchemeBuilder::new(), |builder, (name, ty)| {
        builder.optional_field(name, ty, phases, "A field.")
    });
    let scheme = builder.build().expect("a sound scheme");
    let mut facts = Facts::new(&scheme);
    let mut set = |name, value: Value| {
        facts.set(scheme.id(name).expect("a field"), value);
    };
    let number = |byte: u8| match byte {
        0xff => i64::MAX,
        0xfe => i64::MIN,
        small => i64::from(small) - 100,
    };
    set("a", bytes::Bytes::copy_from_slice(a).into());
    set("b", bytes::Bytes::copy_from_slice(b).into());
    set("i", number(i).into());
    set("j", number(j).into());
    set("ip", std::net::IpAddr::from([10, 1, i, j]).into());
    facts.close(Phase::Connect);
    let literal: String = b.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let literal = format!("\"{literal}\"");
    let text = call.replace("{}", &literal);
    let options = ParseOptions { regex_bytes_max: 1 << 18, ..ParseOptions::default() };
    // Not every string is a pattern.
    let Ok(filter) = Filter::parse(&scheme, &text, &options) else { return };
    let truth = filter.truth(&facts);
    assert_ne!(truth, Truth::NotYet, "{text}");
    assert_eq!(truth, filter.truth(&facts), "{text}");
    if let Some(text) = negated(&text) {
        let options = ParseOptions { nil_not_equal: NilNotEqual::False, ..options };
        let negated =
            Filter::parse(&scheme, &text, &options).expect("the same but for its operator");
        assert_eq!(negated.truth(&facts), Truth::False, "{text}");
    }
}
