//! One expression at a time, beside `wirefilter-engine` 0.6.1 where that can run it; and what a
//! hostile text makes of `contains`.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use gateway_benches::spent;
use gateway_rules::{
    Facts, Filter, ParseOptions, Phase, PhaseSet, Scheme, SchemeBuilder, Truth, Type, Value,
};
use wirefilter::ExecutionContext;

const BOT: &str = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Safari/537.36";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36";
const NETWORKS: &str = "ip.addr in { 103.21.244.0/22 2405:8100::/32 104.16.0.0/12 2803:f800::/32 131.0.72.0/22 173.245.48.0/20 2405:b500::/32 172.64.0.0/13 190.93.240.0/20 103.22.200.0/22 2606:4700::/32 198.41.128.0/17 197.234.240.0/22 162.158.0.0/15 108.162.192.0/18 2c0f:f248::/32 2400:cb00::/32 103.31.4.0/22 2a06:98c0::/29 141.101.64.0/18 188.114.96.0/20 }";
const COUNTRIES: &str = r#"ip.geoip.country in { "AT" "BE" "BG" "HR" "CY" "CZ" "DK" "EE" "FI" "FR" "DE" "GR" "HU" "IE" "IT" "LV" "LT" "LU" "MT" "NL" "PL" "PT" "RO" "SK" "SI" "ES" "SE" "GB" "GF" "GP" "MQ" "ME" "YT" "RE" "MF" "GI" "AX" "PM" "GL" "BL" "SX" "AW" "CW" "WF" "PF" "NC" "TF" "AI" "BM" "IO" "VG" "KY" "FK" "MS" "PN" "SH" "GS" "TC" "AD" "LI" "MC" "SM" "VA" "JE" "GG" "GI" "CH" }"#;
const TEN: &str = r#"ssl and tcp.port == 443 and http.method == "GET" and ip.geoip.country == "GB" and port != 22 and http.host != "a.b" and ip.addr != 10.0.0.1 and tcp.port >= 1 and port < 70000 and http.method != "PUT""#;

/// Name, expression, and the nanoseconds that it is to take at the most where 0.6.1 cannot run it:
/// half of what a later state of Wirefilter took on a machine of this kind.
const EXPRESSIONS: [(&str, &str, f64); 19] = [
    ("bool", "ssl", f64::NAN),
    ("int ==", "tcp.port == 80", f64::NAN),
    ("int >=", "tcp.port >= 1024", f64::NAN),
    ("int in 7", "tcp.port in { 80 8080 8880 2052 2082 2086 2095 }", f64::NAN),
    ("ip == v4", "ip.addr == 173.245.48.1", f64::NAN),
    ("ip >= and <", "ip.addr >= 173.245.48.0 && ip.addr < 173.245.49.0", f64::NAN),
    ("ip in 21 networks", NETWORKS, f64::NAN),
    ("string ==", r#"ip.geoip.country == "GB""#, f64::NAN),
    ("string in 67", COUNTRIES, f64::NAN),
    ("contains", r#"http.user_agent contains "Googlebot""#, f64::NAN),
    ("matches a literal", r#"http.user_agent ~ "Googlebot""#, f64::NAN),
    ("matches (?i)", r#"http.user_agent ~ "(?i)googlebot/\d+\.\d+""#, f64::NAN),
    ("10-term and", TEN, f64::NAN),
    ("lower() ==", r#"lower(http.host) == "example.org""#, 15.5),
    ("any contains", r#"any(http.cookies[*] contains "sess")"#, 17.5),
    ("any == of a header", r#"any(http.headers["accept"][*] == "text/html")"#, 14.0),
    ("wildcard", r#"http.host wildcard "*.example.org""#, 14.3),
    ("strict wildcard", r#"http.host strict wildcard "www.*.org""#, 7.2),
    (
        "concat of conditions",
        r#"http.method != "POST" && not http.user_agent matches "(googlebot|facebook)" && port in {80 443}"#,
        f64::NAN,
    ),
];

fn scheme() -> Arc<Scheme> {
    let bytes = || Type::Array(Box::new(Type::Bytes));
    let fields = [
        ("ip.addr", Type::Ip),
        ("tcp.port", Type::Int),
        ("port", Type::Int),
        ("ip.geoip.country", Type::Bytes),
        ("http.user_agent", Type::Bytes),
        ("http.host", Type::Bytes),
        ("http.method", Type::Bytes),
        ("http.cookies", bytes()),
        ("http.headers", Type::Map(Box::new(bytes()))),
        ("ssl", Type::Bool),
    ];
    let known = PhaseSet::of(&[Phase::Connect]);
    let builder = fields.into_iter().fold(SchemeBuilder::new(), |builder, (name, ty)| {
        builder.field(name, ty, known, "A field.")
    });
    builder.build().expect("a sound scheme")
}

/// What is known of a request that misses most expressions, or of one that meets them.
struct Known {
    address: IpAddr,
    agent: &'static str,
    country: &'static str,
}

fn facts(scheme: &Arc<Scheme>, known: &Known) -> Facts {
    let mut facts = Facts::new(scheme);
    let mut set = |name: &str, value: Value| facts.set(scheme.id(name).expect("a field"), value);
    set("ip.addr", Value::Ip(known.address));
    set("tcp.port", Value::Int(443));
    set("port", Value::Int(443));
    set("ip.geoip.country", Value::from(known.country));
    set("http.user_agent", Value::from(known.agent));
    set("http.host", Value::from("www.example.org"));
    set("http.method", Value::from("GET"));
    set("http.cookies", ["a=1", "theme=dark", "sessid=9"].into_iter().collect());
    let headers = [
        ("host", "www.example.org"),
        ("accept", "text/html"),
        ("user-agent", known.agent),
        ("cookie", "a=1; b=2"),
        ("accept-language", "en"),
        ("referer", "https://x.y/"),
    ];
    let headers: BTreeMap<_, _> = headers
        .into_iter()
        .map(|(name, value)| (name.as_bytes().into(), [value].into_iter().collect()))
        .collect();
    set("http.headers", Value::Map(headers));
    set("ssl", Value::Bool(true));
    facts.close(Phase::Connect);
    facts
}

/// Least nanoseconds of the rival; `None` where it does not know the expression.
fn by_wirefilter(text: &str, known: &Known, expected: bool) -> Option<f64> {
    let scheme = wirefilter::Scheme! {
        ip.addr: Ip,
        tcp.port: Int,
        port: Int,
        ip.geoip.country: Bytes,
        http.user_agent: Bytes,
        http.host: Bytes,
        http.method: Bytes,
        ssl: Bool,
    };
    let filter = scheme.parse(text).ok()?.compile();
    let mut context = ExecutionContext::new(&scheme);
    context.set_field_value("ip.addr", known.address).expect("of the type");
    context.set_field_value("tcp.port", 443).expect("of the type");
    context.set_field_value("port", 443).expect("of the type");
    context.set_field_value("ip.geoip.country", known.country).expect("of the type");
    context.set_field_value("http.user_agent", known.agent).expect("of the type");
    context.set_field_value("http.host", "www.example.org").expect("of the type");
    context.set_field_value("http.method", "GET").expect("of the type");
    context.set_field_value("ssl", true).expect("of the type");
    assert_eq!(filter.execute(&context).expect("of the scheme"), expected, "{text}");
    Some(spent(|| filter.execute(black_box(&context)).expect("of the scheme")).least_ns)
}

fn hostile(scheme: &Arc<Scheme>) {
    let needle = format!("{}b{}", "a".repeat(32), "a".repeat(31));
    let text = format!(r#"http.host contains "{needle}""#);
    let filter = Filter::parse(scheme, &text, &ParseOptions::default()).expect("sound");
    let mut facts = Facts::new(scheme);
    facts.set(scheme.id("http.host").expect("a field"), "a".repeat(64 << 10));
    let ours = spent(|| filter.truth(black_box(&facts))).least_ns;
    println!("64 KiB of `a` contain a..aba..a: {:.2} µs (at most 5)", ours / 1e3);
}

fn main() {
    let scheme = scheme();
    let requests = [
        ("misses", Known { address: [127, 0, 0, 1].into(), agent: BROWSER, country: "T1" }),
        ("meets", Known { address: [173, 245, 48, 1].into(), agent: BOT, country: "GB" }),
    ];
    println!("expression                       ns: ours   wirefilter 0.6.1   at most");
    for (request, known) in &requests {
        let facts = facts(&scheme, known);
        for (name, text, most) in EXPRESSIONS {
            let Ok(filter) = Filter::parse(&scheme, text, &ParseOptions::default()) else {
                println!("{name:<22} {request:<8} not in the language");
                continue;
            };
            let holds = filter.truth(&facts) == Truth::True;
            let ours = spent(|| filter.truth(black_box(&facts))).least_ns;
            let rival = by_wirefilter(text, known, holds);
            let rival = rival.map_or_else(|| "-".to_owned(), |ns| format!("{ns:.1}"));
            println!("{name:<22} {request:<8} {ours:>9.1} {rival:>18} {most:>9}");
        }
    }
    hostile(&scheme);
}
