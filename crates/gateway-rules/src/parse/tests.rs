//! What is refused and in which words; what is accepted.

use crate::constants::Constants;
use crate::diagnostic::Diagnostic;
use crate::filter::Filter;
use crate::options::{Compat, ParseOptions, Yields};
use crate::scheme::Scheme;
use crate::test_scheme;

fn faults(text: &str, options: &ParseOptions) -> Vec<Diagnostic> {
    let parsed = Filter::parse(&test_scheme::scheme(), text, options);
    parsed.map_or_else(|error| error.diagnostics().to_vec(), |_| Vec::new())
}

/// The only fault of a text: what it is about, its headline, its help.
fn check_with(options: &ParseOptions, text: &str, place: &str, headline: &str, help: &str) {
    let faults = faults(text, options);
    let [fault] = faults.as_slice() else { panic!("{text}: {faults:#?}") };
    assert_eq!(fault.to_string(), headline, "{text}");
    assert_eq!(fault.problem().help().unwrap_or_default(), help, "{text}");
    assert_eq!(&text[fault.span()], place, "{text}");
}

fn check(text: &str, place: &str, headline: &str, help: &str) {
    check_with(&ParseOptions::default(), text, place, headline, help);
}

fn accept(text: &str) {
    assert_eq!(faults(text, &ParseOptions::default()), [], "{text}");
}

#[test]
fn names_are_suggested() {
    check(
        r#"htp.host == "a""#,
        "htp.host",
        "no field is called `htp.host`; did you mean `http.host`?",
        "write `http.host`",
    );
    check(
        r#"host == "a""#,
        "host",
        "no field is called `host`; did you mean `http.host`?",
        "write `http.host`",
    );
    check("zzz", "zzz", "no field is called `zzz`", "");
    check(
        r#"lowercase(http.host) == "a""#,
        "lowercase",
        "no function is called `lowercase`; did you mean `lower`?",
        "write `lower`",
    );
    check("an(flags)", "an", "no function is called `an`; did you mean `any`?", "write `any`");
    check(
        "frobnicate(http.host)",
        "frobnicate",
        "no function is called `frobnicate`",
        "the functions are listed in docs/functions.md",
    );
    check(
        "port in $ports_of_ours",
        "$ports_of_ours",
        "no list is called `$ports_of_ours`",
        "write the members in braces",
    );
}

#[test]
fn operators_are_put_right() {
    check(r#"http.host = "a""#, "=", "expected a comparison, found `=`", "write `==`");
    check(r#"http.host is "a""#, "is", "`is` is not an operator; did you mean `==`?", "write `==`");
    check(
        r#"http.host contain "a""#,
        "contain",
        "`contain` is not an operator; did you mean `contains`?",
        "write `contains`",
    );
    check("port => 80", "=>", "`=>` is not an operator; did you mean `>=`?", "write `>=`");
    check("port not in {80}", "not", "`not` is not an operator", "write `not` before the field");
    check(
        "ssl AND ssl",
        "AND",
        "`AND` is not an operator: words of the language are lower-case",
        "write `and`",
    );
    check(
        "NOT ssl",
        "NOT",
        "`NOT` is not an operator: words of the language are lower-case",
        "write `not`",
    );
    check(
        "port EQ 80",
        "EQ",
        "`EQ` is not an operator: words of the language are lower-case",
        "write `eq`",
    );
    check(
        "port",
        "port",
        "expected an operator after `port`, which is of type Int, found the end of the filter",
        "an Int has ==, !=, <, <=, >, >=, in {…} and &",
    );
    check(
        r#"port contains "8""#,
        "port contains",
        "`contains` does not apply to `port`, which is of type Int",
        "an Int has ==, !=, <, <=, >, >=, in {…} and &",
    );
    check(
        "ssl in {1}",
        "ssl in",
        "`in` does not apply to `ssl`, which is of type Bool",
        "a Bool stands alone, or after `not`",
    );
    check(r#"http.host strict "a""#, r#""a""#, r#"expected `wildcard`, found `"a"`"#, "");
    check("ssl ssl", "ssl", "`ssl` is not an operator", "");
    check("ssl ? ssl", "?", "expected an operator, found `?`", "");
}

#[test]
fn values_are_put_right() {
    check("http.host == a", "a", "expected a value of type Bytes, found `a`", "write `\"a\"`");
    check(
        "http.host == 127.0.0.1",
        "127.0.0.1",
        "expected a value of type Bytes, found `127.0.0.1`",
        "write `\"127.0.0.1\"`",
    );
    check(
        r#"port == "080""#,
        r#""080""#,
        "expected a value of type Int, found `\"080\"`",
        "write `80`",
    );
    check_with(
        &ParseOptions { compat: Compat::Wirefilter, ..ParseOptions::default() },
        r#"ip.src == "10.0.0.1""#,
        r#""10.0.0.1""#,
        "expected a value of type Ip, found `\"10.0.0.1\"`",
        "write `10.0.0.1`",
    );
    check(
        r#"ip.src == "10.0.0.1/8""#,
        r#""10.0.0.1/8""#,
        "expected a value of type Ip, found `\"10.0.0.1/8\"`",
        "write an address, such as `192.0.2.1` or `2001:db8::1`",
    );
    check(
        "ip.src == 10.0.0.0/8",
        "10.0.0.0/8",
        "expected a value of type Ip, found `10.0.0.0/8`",
        "write `in {10.0.0.0/8}`",
    );
    let number = "write a whole number, such as `80`, `-1` or `0x50`";
    check("port == 10.5", "10.5", "expected a value of type Int, found `10.5`", number);
    check("port == ssl", "ssl", "`ssl` is of type Bool, compared with one of type Int", "");
    check("port == port[0]", "[0]", "`[0]` does not apply to `port`, which is of type Int", "");
    check(
        "any(names[*] == names[*])",
        "names[*]",
        "`[*]` can stand left of an operator, not in `names[*]` right of it",
        "name one element, as in `[0]`, or turn the sides round",
    );
    check("port ==", "", "expected an integer, found the end of the filter", "");
    check("ssl == 1", "1", "expected `true` or `false`, found `1`", "");
    check(
        r#""GET" == http.method"#,
        r#""GET""#,
        "expected a field, found the value `\"GET\"`",
        "write `http.method == \"GET\"`",
    );
    check(
        "80 < port",
        "80",
        "expected a field, found the value `80`",
        "write the field first, then the operator and the value",
    );
    check(
        "port == 08",
        "08",
        "`08` is no octal number: a number that begins with 0 has the digits 0 to 7",
        "write `8`",
    );
    check(
        "port == 9223372036854775808",
        "9223372036854775808",
        "`9223372036854775808` does not fit an Int: it holds -9223372036854775808 to 9223372036854775807",
        "",
    );
    check("ip.src == 1.2.3", "1.2.3", "`1.2.3` is no IP address", "");
}

#[test]
fn sets_are_put_right() {
    check(
        "ip.src in 10.0.0.0/8",
        "10.0.0.0/8",
        "expected a set in braces, found `10.0.0.0/8`",
        "write `{10.0.0.0/8}`",
    );
    check(
        "ip.src in {10.0.0.1/8}",
        "10.0.0.1/8",
        "the network `10.0.0.1/8` has host bits set",
        "write `10.0.0.0/8`",
    );
    check("ip.src in {10.0.0.0/33}", "33", "`33` is no prefix length: expected 0 to 32", "");
    check(
        "ip.src in {10.0.0.2..10.0.0.1}",
        "10.0.0.2..10.0.0.1",
        "the range `10.0.0.2..10.0.0.1` ends before it begins, or mixes IPv4 and IPv6",
        "",
    );
    check(
        "port in {9..1}",
        "9..1",
        "the range `9..1` ends before it begins, or mixes IPv4 and IPv6",
        "",
    );
    check(
        "port in {80 443",
        "",
        "the set is not closed: expected an integer or `}`, found the end of the filter",
        "close the set with `}`",
    );
    check(
        "port in {127.0.0.1}",
        "127.0.0.1",
        "expected a value of type Int, found `127.0.0.1`",
        "write a whole number, such as `80`, `-1` or `0x50`",
    );
}

#[test]
fn strings_and_patterns_are_put_right() {
    check(r#"http.host == "a"#, r#""a"#, "the string is not closed", "write `\"a\"`");
    check(
        r###"http.host == r##"a"#"###,
        r###"r##"a"#"###,
        "the string is not closed",
        r####"write `r##"a"#"##`"####,
    );
    check(
        r#"http.host == "\n""#,
        r"\n",
        r"`\n` is no escape in a string",
        r#"escapes are `\"`, `\\`, `\xHH` and `\OOO`; raw strings r"…" have none"#,
    );
    check(
        r#"http.host == "\xg0.""#,
        r"\xg0",
        r"`\xg0` is no escape in a string",
        r#"escapes are `\"`, `\\`, `\xHH` and `\OOO`; raw strings r"…" have none"#,
    );
    check(
        "http.host == 61:6x",
        "61:6x",
        "`61:6x` is no byte string: expected two hexadecimal digits at a time",
        "write two bytes or more, as in 61:62, or a string in quotes",
    );
    let long = format!("http.host == r{0}\"a\"{0}", "#".repeat(256));
    check(
        &long,
        &long[13..270],
        "a raw string has at most 255 `#` before its quote",
        "write the string in quotes, with escapes",
    );
    check(
        r#"http.host wildcard "a**b""#,
        r#""a**b""#,
        "the wildcard pattern has two `*` in a row",
        "one `*` already stands for any number of bytes",
    );
    check(
        r#"http.host wildcard r"a\d""#,
        r#"r"a\d""#,
        r"`\d` is no escape in a wildcard pattern",
        r"escapes are `\*` and `\\`",
    );
    check(
        r#"http.host matches "(a""#,
        r#""(a""#,
        "the regular expression is faulty: unclosed group",
        "",
    );
    check(
        r#"http.host matches "\pL""#,
        r#"http.host matches "\pL""#,
        "the regular expression is faulty: Unicode not allowed here",
        "",
    );
}

#[test]
fn arrays_are_put_right() {
    check(
        r#"names[*] == "x""#,
        r#"names[*] == "x""#,
        "expected one truth value, found a value of type Array<Bool>",
        "put `any(…)` or `all(…)` around the condition",
    );
    check(
        r#"any(names == "x")"#,
        "names ==",
        "`==` compares single values, and `names` is of type Array<Bytes>",
        "write `any(names[*] == …)`, or `all`",
    );
    check(
        "any(names)",
        "names",
        "expected an operator after `names`, which is of type Array<Bytes>, found `)`",
        "compare the elements: `any(…[*] == …)`, or `all`",
    );
    check_with(
        &ParseOptions { compat: Compat::Wirefilter, ..ParseOptions::default() },
        "any(ssl)",
        "ssl",
        "`any` takes an array of truth values, found one of type Bool",
        "remove `any(…)`: it is one truth value",
    );
    check(
        "ssl and flags",
        "flags",
        "`and` combines two truth values or two arrays, found Bool and Array<Bool>",
        "put `any(…)` or `all(…)` around the array",
    );
    check(
        r#"http.host[*] == "x""#,
        "[*]",
        "`[*]` does not apply to `http.host`, which is of type Bytes",
        "",
    );
    check(
        r#"headers[0] == "x""#,
        "[0]",
        "`[0]` does not apply to `headers`, which is of type Map<Array<Bytes>>",
        "",
    );
    check(
        "names[-1] == 'x'",
        "-1",
        "expected an index, found `-1`",
        "write a number, a key in quotes, or `*` between the brackets",
    );
    let options = ParseOptions { yields: Yields::BoolOrArray, ..ParseOptions::default() };
    assert_eq!(faults("flags and flags[*]", &options), []);
    check_with(
        &options,
        "flags and flags",
        "flags and flags",
        "both sides of `and` are the array `flags`",
        "put `any(…)` or `all(…)` around the condition",
    );
}

#[test]
fn shapes_and_sizes_are_put_right() {
    for empty in ["", "  ", "# c"] {
        check(
            empty,
            "",
            "the filter is empty",
            "write a condition, such as `http.request.host == \"a.example\"`",
        );
    }
    check("(ssl", "", "expected an operator or `)`, found the end of the filter", "");
    check("ssl)", ")", "expected `and`, `or`, `xor` or the end of the filter, found `)`", "");
    check("ssl and", "", "expected a condition, found the end of the filter", "");
    check("and ssl", "and", "expected a condition, found `and`", "");
    check("any ssl", "ssl", "expected `(`, found `ssl`", "");
    let shallow = ParseOptions { max_nesting_depth: 1, ..ParseOptions::default() };
    check_with(&shallow, "((ssl))", "(", "the filter is nested more than 1 deep", "");
    check_with(&shallow, "!!ssl", "!", "the filter is nested more than 1 deep", "");
    assert_eq!(faults("(ssl) and !ssl and any(flags)", &shallow), []);
    let short = ParseOptions { filter_bytes_max: 3, ..ParseOptions::default() };
    check_with(&short, "not ssl", " ssl", "the filter is 7 bytes long, more than 3", "");
    let starless = ParseOptions { wildcard_star_limit: 1, ..ParseOptions::default() };
    check_with(
        &starless,
        r#"http.host wildcard "*a*""#,
        r#""*a*""#,
        "the wildcard pattern has more than 1 `*`",
        "",
    );
    let small = ParseOptions { regex_bytes_max: 1000, ..ParseOptions::default() };
    check_with(
        &small,
        r#"http.host ~ "[a-z]{500}""#,
        r#"http.host ~ "[a-z]{500}""#,
        "the regular expression needs more than 1000 bytes when compiled",
        "",
    );
}

#[test]
fn extensions_are_refused_to_wirefilter() {
    let options = ParseOptions { compat: Compat::Wirefilter, ..ParseOptions::default() };
    for (text, place, what, help) in [
        (
            "port in {80, 443}",
            ",",
            "a comma between the members of a set",
            "separate the members by blanks",
        ),
        ("ssl # c", "# c", "a comment", "remove the comment"),
        ("ssl\t", "\t", "white space other than blanks and line ends", "write a blank"),
        (
            "http.host == 'a'",
            "'a'",
            "a string in single quotes",
            "write the string in double quotes",
        ),
        (
            "ssl == true",
            "ssl == true",
            "a comparison of a Bool",
            "write the field alone, or `not` before it",
        ),
        ("true", "true", "a constant condition", "write a condition over a field"),
        ("port == port2", "port2", "a comparison of two fields", "compare each field with a value"),
        ("any(flags[])", "[]", "`[]`", "write `[*]`"),
        (
            r#"upper("a") == "A""#,
            r#""a""#,
            "a value in place of a field",
            "give the function a field",
        ),
    ] {
        accept(text);
        let headline = format!("{what} is not part of Wirefilter's language");
        check_with(&options, text, place, &headline, help);
    }
}

#[test]
fn constants_stand_for_values() {
    let mut constants = Constants::default();
    constants.insert("admin_port", 8443_i64).expect("sound");
    constants.insert("office.host", "a.example").expect("sound");
    constants.insert("gate", std::net::IpAddr::from([10, 0, 0, 1])).expect("sound");
    constants.insert("yes", true).expect("sound");
    let options = ParseOptions { constants: constants.into(), ..ParseOptions::default() };
    for (text, printed) in [
        ("port == admin_port", "port == 8443"),
        ("port in {1..2 admin_port, admin_port..9000}", "port in {1..2 8443 8443..9000}"),
        ("http.host == office.host", r#"http.host == "a.example""#),
        ("http.host in {office.host}", r#"http.host in {"a.example"}"#),
        ("http.host contains office.host", r#"http.host contains "a.example""#),
        ("http.host matches office.host", r#"http.host matches r"a.example""#),
        ("http.host wildcard office.host", r#"http.host wildcard "a.example""#),
        ("ip.src == gate or ip.src in {gate/32}", "ip.src == 10.0.0.1 or ip.src in {10.0.0.1}"),
        ("ssl == yes", "ssl == true"),
        ("starts_with(http.host, office.host)", r#"starts_with(http.host, "a.example")"#),
    ] {
        let filter = Filter::parse(&test_scheme::scheme(), text, &options).expect(text);
        assert_eq!(filter.to_string(), printed, "{text}");
    }
    check_with(
        &options,
        "http.host == admin_port",
        "admin_port",
        "`admin_port` is a constant of type Int, expected one of Bytes",
        "",
    );
    check_with(
        &options,
        "http.host == offic.host",
        "offic.host",
        "expected a value of type Bytes, found `offic.host`",
        "write `office.host`",
    );
    let wirefilter = ParseOptions { compat: Compat::Wirefilter, ..options };
    check_with(
        &wirefilter,
        "port == admin_port",
        "admin_port",
        "a named constant is not part of Wirefilter's language",
        "write the value",
    );
}

/// What Cloudflare Gateway's manual has and Wirefilter has not.
#[test]
fn spellings_of_the_manual_are_read() {
    let (scheme, options) = (Scheme::gateway(), ParseOptions::default());
    for (text, printed) in [
        ("any(net.dst.ip[*] in {10.0.0.0/8})", "net.dst.ip in {10.0.0.0/8}"),
        ("http.conn.src_ip[*] in {10.0.0.0/8}", "http.conn.src_ip in {10.0.0.0/8}"),
        (r#"net.src.ip == "10.0.0.0/8""#, "net.src.ip in {10.0.0.0/8}"),
        (r#"net.src.ip != "10.0.0.1""#, "net.src.ip != 10.0.0.1"),
        (r#"net.src.ip in {"10.0.0.0/8" "::1"}"#, "net.src.ip in {10.0.0.0/8 ::1}"),
        (r#"net.sni.domains == "a.example""#, r#"any(net.sni.domains[*] == "a.example")"#),
        ("app.ids in {1 2}", "any(app.ids[*] in {1 2})"),
        (
            r#"any(identity.saml_attributes["group"] in {"a" "b"})"#,
            r#"identity.saml_attributes["group"] in {"a" "b"}"#,
        ),
        ("all(av.infected) or any((av.infected))", "av.infected or av.infected"),
    ] {
        let filter = Filter::parse(&scheme, text, &options).expect(text);
        assert_eq!(filter.to_string(), printed);
        assert_eq!(Filter::parse(&scheme, printed, &options).as_ref(), Ok(&filter));
        let wirefilter = ParseOptions { compat: Compat::Wirefilter, ..options.clone() };
        assert!(Filter::parse(&scheme, text, &wirefilter).is_err(), "{text}");
    }
    for text in [
        r#"net.sni.domains != "a.example""#,
        r#"any(net.sni.domains == "a.example")"#,
        r#"net.src.ip != "10.0.0.0/8""#,
        r#"http.request.host[*] == "a""#,
        "net.src.ip[0] == 10.0.0.1",
    ] {
        assert!(Filter::parse(&scheme, text, &options).is_err(), "{text}");
    }
}

#[test]
fn members_are_named_behind_indexes() {
    let (scheme, options) = (Scheme::gateway(), ParseOptions::default());
    for (text, printed) in [
        (r#"any(identity.groups[*].name == "x")"#, r#"any(identity.groups.name[*] == "x")"#),
        (r#"identity.groups[0].id == "x""#, r#"identity.groups.id[0] == "x""#),
        (
            r#"any(lower(identity.groups[].email)[] == "x")"#,
            r#"any(lower(identity.groups.email[*])[*] == "x")"#,
        ),
    ] {
        let filter = Filter::parse(&scheme, text, &options).expect(text);
        assert_eq!(filter.to_string(), printed);
        let wirefilter = ParseOptions { compat: Compat::Wirefilter, ..options.clone() };
        let error = Filter::parse(&scheme, text, &wirefilter).expect_err(text);
        assert_eq!(error.diagnostics()[0].problem().code(), "not-in-wirefilter");
    }
    let unknown = Filter::parse(&scheme, r#"any(identity.groups[*].nme == "x")"#, &options);
    let unknown = unknown.expect_err("no such member");
    assert_eq!(unknown.diagnostics()[0].problem().code(), "unknown-field");
}

/// Each fault for which a fix is offered is gone when the fix is made, and no other one is there.
#[test]
fn fixes_mend() {
    for (text, mended) in [
        (r#"htp.host == "a""#, r#"http.host == "a""#),
        (r#"http.host = "a""#, r#"http.host == "a""#),
        ("http.host == a", r#"http.host == "a""#),
        ("ssl AND ssl", "ssl and ssl"),
        ("NOT ssl", "not ssl"),
        ("ip.src in 10.0.0.0/8", "ip.src in {10.0.0.0/8}"),
        (r#"port == "080""#, "port == 80"),
        ("port in {80 08}", "port in {80 8}"),
        ("ip.src in {10.0.0.1/8}", "ip.src in {10.0.0.0/8}"),
        (r#"lowercase(http.host) == "a""#, r#"lower(http.host) == "a""#),
        (r#"http.host startswith "a""#, r#"http.host startswith "a""#),
        ("port => 80", "port >= 80"),
    ] {
        let mut fixed = text.to_owned();
        for fault in faults(text, &ParseOptions::default()).iter().rev() {
            if let Some(fix) = fault.fix() {
                fixed.replace_range(fix.span, &fix.text);
            }
        }
        assert_eq!(fixed, mended);
        if fixed != text {
            accept(&fixed);
        }
    }
    let options = ParseOptions { compat: Compat::Wirefilter, ..ParseOptions::default() };
    for (text, mended) in [
        ("port in {80,443}", "port in {80 443}"),
        ("ssl\tand ssl", "ssl and ssl"),
        ("ssl # c", "ssl "),
        ("any(flags[])", "any(flags[*])"),
    ] {
        let fix = faults(text, &options).first().and_then(Diagnostic::fix).expect(text);
        let mut fixed = text.to_owned();
        fixed.replace_range(fix.span, &fix.text);
        assert_eq!(fixed, mended);
        assert_eq!(faults(&fixed, &options), [], "{fixed}");
    }
}

#[test]
fn one_run_reports_several_faults() {
    let text = r#"htp.host == "a" and (port == "080" or ssl = 1) OR ip.src in {10.0.0.1/8}"#;
    let codes: Vec<_> =
        faults(text, &ParseOptions::default()).iter().map(|f| f.problem().code()).collect();
    assert_eq!(
        codes,
        ["unknown-field", "literal-type", "assignment", "operator-case", "host-bits"]
    );
    let many = vec!["zzz"; 20].join(" or ");
    assert_eq!(faults(&many, &ParseOptions::default()).len(), 8);
}

#[test]
fn what_looks_odd_is_accepted() {
    for text in [
        "ssl&&ssl||ssl^^!ssl",
        "not(ssl)and(ssl)",
        "port==80",
        "port in {}",
        "port in {80,443 , 8080..8090}",
        r#"http.host in {"a""b"}"#,
        r#"http.host ~ "[\"]a""#,
        r##"headers[r"k"][0] == r#"a"b"#"##,
        "http.host == ca:fe",
        "http.host == ca-fe.00",
        "ip.src <= 10:20:30:40:50:60:70:80",
        "port & 1",
        "port == -0x10",
        r#"port == "80" or port in {"80" '443'}"#,
        "port\t==\u{a0}80 # é\n\n",
        "any(grid[*][0] == 1) or any(grid[0][*] == 1) or any(grid[*][*] == 1)",
        "port == port2 and http.host < http.method and ssl != found",
        "http.host == headers[\"host\"][0] and names[0] == http.host",
        "any(flags[]) and any(headers['k'][] == 'a') and any(grid[][0] == 1)",
        "all(marks[\"k\"]) and any(not (names[*] in {\"a\"}))",
    ] {
        accept(text);
    }
}

#[test]
fn the_deepest_nesting_fits_the_stack() {
    let depth = ParseOptions::NESTING_DEPTH_CEILING;
    let options = ParseOptions { max_nesting_depth: usize::MAX, ..ParseOptions::default() };
    for (open, close) in [("(", ")"), ("!", ""), ("(ssl or ", ")")] {
        let text = |depth| format!("{}ssl{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(faults(&text(depth), &options), []);
        let deeper = faults(&text(depth + 1), &options);
        assert_eq!(deeper.first().map(|f| f.problem().code()), Some("nesting"), "{deeper:?}");
        assert_eq!(faults(&text(100_000), &options).len(), 1);
    }
    let nested = format!("{}ssl{}", "(ssl or ".repeat(depth), ")".repeat(depth));
    let filter = Filter::parse(&test_scheme::scheme(), &nested, &options).expect("deep enough");
    // The outermost parentheses are not printed.
    assert_eq!(filter.to_string().matches('(').count(), depth - 1);
}
