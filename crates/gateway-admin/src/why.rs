//! `why`: which rule would meet a request that is described, at each gate, by which predicate, and
//! what would have to be known besides. Nothing is sent and nothing is counted.

mod answer;

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::Uri;
use bytes::Bytes;
use gateway_rules::{Facts, Passage, Phase, RuleSet, Type, Value, field};
use serde::Deserialize;
use serde_json::Value as Json;

pub(crate) use self::answer::Answer;
use self::answer::answer;
use crate::problem::Problem;

/// A request, described. What is left out is not known, except that the head is whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Described {
    /// An absolute `http` or `https` URL.
    url: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default = "version")]
    version: String,
    /// Fields by name.
    #[serde(default)]
    headers: BTreeMap<String, OneOrMore>,
    source_ip: Option<IpAddr>,
    source_port: Option<u16>,
    /// What the host resolves to.
    #[serde(default)]
    destination_ips: Vec<IpAddr>,
    /// The name in the ClientHello, where it is not the host of the URL.
    sni: Option<String>,
    #[serde(default)]
    identity: Identity,
    response: Option<Response>,
    /// Any other field by its name in filters.
    #[serde(default)]
    facts: BTreeMap<String, Json>,
    /// Phases of which nothing more is to be known, such as `connect` or `request_body`.
    #[serde(default)]
    ended: Vec<String>,
}

fn get() -> String {
    "GET".to_owned()
}

fn version() -> String {
    "HTTP/1.1".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    email: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMore>,
}

/// Asks `rules` about a request that would come at the second `now` since 1970, unless it is described
/// to come at another one.
///
/// # Errors
///
/// A [`Problem`] where the description is not understood.
pub(crate) fn why(rules: &RuleSet, described: &Described, now: u64) -> Result<Answer, Problem> {
    let uri: Uri = described
        .url
        .parse()
        .map_err(|error| Problem::request(format!("`url` is no URL: {error}")))?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err(Problem::request(
            "`url` needs a scheme and a host, such as https://a.example/",
        ));
    };
    let (is_tls, port) = match scheme {
        "http" => (false, 80),
        "https" => (true, 443),
        _ => return Err(Problem::request("`url` begins with http:// or https://")),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let mut facts = Facts::new(rules.scheme());
    facts.set(field::TIME_UNIX, i64::try_from(now).unwrap_or(i64::MAX));
    connect(&mut facts, described, &host, uri.port_u16().unwrap_or(port));
    if is_tls {
        hello(&mut facts, described.sni.as_deref().unwrap_or(&host));
    } else {
        facts.close(Phase::ClientHello);
    }
    head(&mut facts, described, &uri, scheme, &host);
    if let Some(response) = &described.response {
        facts.set(field::HTTP_RESPONSE_STATUS_CODE, response.status);
        facts.set(field::HTTP_RESPONSE_HEADERS, headers(&response.headers));
        facts.set(field::HTTP_RESPONSE_MIME, media_type(&response.headers));
        facts.close(Phase::ResponseHead);
    }
    others(&mut facts, described)?;
    // What a method without a body sends is known.
    if ["GET", "HEAD", "OPTIONS"].contains(&&*described.method) {
        facts.close(Phase::RequestBody);
    }
    for name in &described.ended {
        let named = |phase: &Phase| snake(phase.name()) == snake(name);
        let phase = Phase::ALL.into_iter().find(named).ok_or_else(|| {
            let known: Vec<_> = Phase::ALL.iter().map(|phase| snake(phase.name())).collect();
            Problem::request(format!("no phase is called `{name}`; there are {}", known.join(", ")))
        })?;
        facts.close(phase);
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let passage = if is_tls { Passage::Tls } else { Passage::Clear };
    Ok(answer(rules, &facts, passage, path))
}

fn connect(facts: &mut Facts, described: &Described, host: &str, port: u16) {
    if let Some(ip) = described.source_ip {
        facts.set(field::NET_SRC_IP, ip);
        facts.set(field::HTTP_CONN_SRC_IP, ip);
    }
    if let Some(port) = described.source_port {
        facts.set(field::NET_SRC_PORT, port);
    }
    facts.set(field::NET_PROTOCOL, "tcp");
    facts.set(field::NET_DST_HOST, host);
    facts.set(field::NET_DST_PORT, port);
    let mut addresses = described.destination_ips.clone();
    addresses.extend(host.parse::<IpAddr>());
    if let Some(first) = addresses.first() {
        facts.set(field::NET_DST_IP, *first);
        facts.set(field::HTTP_CONN_DST_IP, addresses.iter().copied().collect::<Value>());
    }
    if let Some(email) = &described.identity.email {
        facts.set(field::IDENTITY_EMAIL, email.as_str());
    }
}

fn hello(facts: &mut Facts, sni: &str) {
    // An address is not sent as a name (RFC 6066, section 3).
    if sni.parse::<IpAddr>().is_err() {
        facts.set(field::NET_SNI_HOST, sni);
        facts.set(field::NET_SNI_DOMAINS, domains(sni));
    }
}

fn head(facts: &mut Facts, described: &Described, uri: &Uri, scheme: &str, host: &str) {
    facts.set(field::HTTP_REQUEST_METHOD, described.method.as_str());
    facts.set(field::HTTP_REQUEST_HOST, host);
    facts.set(field::HTTP_CONN_HOSTNAME, host);
    facts.set(field::HTTP_REQUEST_DOMAINS, domains(host));
    facts.set(field::HTTP_CONN_DOMAINS, domains(host));
    facts.set(field::HTTP_REQUEST_SCHEME, scheme);
    facts.set(field::HTTP_REQUEST_VERSION, described.version.as_str());
    facts.set(field::HTTP_REQUEST_URI, uri.to_string());
    facts.set(field::HTTP_REQUEST_URI_PATH, uri.path());
    let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
    facts.set(field::HTTP_REQUEST_URI_PATH_AND_QUERY, path_and_query);
    facts.set(field::HTTP_REQUEST_URI_QUERY, uri.query().unwrap_or_default());
    facts.set(field::HTTP_REQUEST_HEADERS, headers(&described.headers));
    let contradicts = described.sni.as_ref().is_some_and(|sni| !sni.eq_ignore_ascii_case(host));
    facts.set(field::HTTP_AUTHORITY_MISMATCH, contradicts);
    facts.close(Phase::RequestHead);
}

fn others(facts: &mut Facts, described: &Described) -> Result<(), Problem> {
    let scheme = facts.scheme().clone();
    for (name, json) in &described.facts {
        let known = scheme.id(name).and_then(|id| Some((id, scheme.field(id)?)));
        let (id, field) =
            known.ok_or_else(|| Problem::request(format!("no field is called `{name}`")))?;
        let value = value(field.ty(), json).ok_or_else(|| {
            Problem::request(format!("the value of `{name}` is not of type {}", field.ty()))
        })?;
        facts.set(id, value);
    }
    Ok(())
}

/// A host and every domain above it.
fn domains(host: &str) -> Value {
    if host.parse::<IpAddr>().is_ok() {
        return [host].into_iter().collect();
    }
    let names = std::iter::successors(Some(host), |name| Some(name.split_once('.')?.1));
    names.filter(|name| !name.is_empty()).collect()
}

fn headers(fields: &BTreeMap<String, OneOrMore>) -> Value {
    let mut map: BTreeMap<Bytes, Value> = BTreeMap::new();
    for (name, values) in fields {
        let values: Value = match values {
            OneOrMore::One(value) => [value.as_str()].into_iter().collect(),
            OneOrMore::More(values) => values.iter().map(String::as_str).collect(),
        };
        map.insert(Bytes::from(name.to_ascii_lowercase()), values);
    }
    Value::Map(map.into_iter().collect())
}

fn media_type(fields: &BTreeMap<String, OneOrMore>) -> String {
    let named = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let value = named.and_then(|(_, values)| match values {
        OneOrMore::One(value) => Some(value.as_str()),
        OneOrMore::More(values) => values.first().map(String::as_str),
    });
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn value(ty: &Type, json: &Json) -> Option<Value> {
    Some(match (ty, json) {
        (Type::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Type::Int, Json::Number(value)) => Value::Int(value.as_i64()?),
        (Type::Ip, Json::String(text)) => Value::Ip(text.parse().ok()?),
        (Type::Bytes, Json::String(text)) => Value::from(text.as_str()),
        (Type::Array(element), Json::Array(items)) => {
            Value::Array(items.iter().map(|item| value(element, item)).collect::<Option<_>>()?)
        }
        (Type::Map(element), Json::Object(items)) => {
            let pair =
                |(key, item): (&String, _)| Some((Bytes::from(key.clone()), value(element, item)?));
            Value::Map(items.iter().map(pair).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// The name of a phase in JSON.
fn snake(name: &str) -> String {
    name.to_ascii_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use gateway_rules::{Action, KeepPath, Layer, Options, Redirect, Rule, Scheme};
    use serde_json::json;

    use super::*;

    fn ask(described: &Json) -> Json {
        let redirect = Redirect { to: "https://b.example".into(), keep: KeepPath::PathAndQuery };
        let rules = vec![
            Rule::new("net", Layer::Network, Action::Block, "net.src.ip == 192.0.2.9"),
            Rule::new("bank", Layer::Http, Action::DoNotInspect, r#"net.sni.host == "bank.test""#),
            Rule::new(
                "cards",
                Layer::Http,
                Action::Block,
                r#"any(dlp.upload.profiles[*] == "cards")"#,
            ),
            Rule::new(
                "paste",
                Layer::Http,
                Action::Block,
                r#"any(http.request.domains[*] == "paste.test")"#,
            )
            .named("No pastes"),
            Rule::new(
                "go",
                Layer::Http,
                Action::Redirect(redirect),
                r#"http.request.uri.path == "/go""#,
            ),
            Rule::new("seen", Layer::Http, Action::Block, r#"http.request.method == "POST""#)
                .log_only(),
            Rule::new("plain", Layer::Http, Action::NoScan, r#"http.request.uri.path == "/plain""#),
            Rule::new("big", Layer::Http, Action::Block, "http.response.status_code == 418"),
        ];
        ask_of(rules, described)
    }

    fn ask_of(rules: Vec<Rule>, described: &Json) -> Json {
        let rules = RuleSet::compile(&Scheme::gateway(), rules, &Options::default()).unwrap();
        let described: Described = serde_json::from_value(described.clone()).unwrap();
        serde_json::to_value(why(&rules, &described, 0).unwrap()).unwrap()
    }

    /// What is said of the request, and by which rule at which gate.
    fn check(described: Json, action: &str, certain: bool, rule: Option<&str>, gate: Option<&str>) {
        let answer = ask(&described);
        assert_eq!(answer["action"], action, "{answer:#}");
        assert_eq!(answer["certain"], certain, "{answer:#}");
        assert_eq!(answer["rule"]["id"].as_str(), rule, "{answer:#}");
        assert_eq!(answer["gate"].as_str(), gate, "{answer:#}");
    }

    #[test]
    fn what_is_described_is_decided_as_traffic_is() {
        let from = "192.0.2.1";
        let head = Some("request head");
        let ok = json!({"status": 200});
        check(
            json!({"url": "http://a.test/", "source_ip": from, "response": ok}),
            "allow",
            true,
            None,
            None,
        );
        check(
            json!({"url": "http://x.paste.test/", "source_ip": from}),
            "block",
            true,
            Some("paste"),
            head,
        );
        check(json!({"url": "http://x.paste.test/"}), "block", false, Some("paste"), head);
        check(
            json!({"url": "https://bank.test/", "source_ip": from}),
            "off",
            true,
            Some("bank"),
            Some("tunnel"),
        );
        check(
            json!({"url": "https://bank.test/", "source_ip": "192.0.2.9"}),
            "block",
            true,
            Some("net"),
            Some("dial"),
        );
        check(
            json!({"url": "http://a.test/go?x", "source_ip": from}),
            "redirect",
            true,
            Some("go"),
            head,
        );
        check(
            json!({"url": "http://a.test/", "method": "POST", "source_ip": from,
                "facts": {"dlp.upload.profiles": ["cards"]}}),
            "block",
            true,
            Some("cards"),
            Some("request body"),
        );
        check(
            json!({"url": "http://a.test/", "source_ip": "192.0.2.9"}),
            "block",
            true,
            Some("net"),
            Some("dial"),
        );
        check(
            json!({"url": "http://bank.test/", "source_ip": from, "response": ok}),
            "allow",
            true,
            None,
            None,
        );
        check(
            json!({"url": "http://a.test/plain", "source_ip": from, "response": ok}),
            "noscan",
            true,
            Some("plain"),
            None,
        );
    }

    #[test]
    fn what_a_noscan_rule_spares_is_not_held_against_it() {
        for (path, action) in [("plain", "noscan"), ("else", "block")] {
            let plain = r#"http.request.uri.path == "/plain""#;
            let rules = vec![
                Rule::new("plain", Layer::Http, Action::NoScan, plain),
                Rule::new("virus", Layer::Http, Action::Block, "av.infected"),
            ];
            let url = format!("http://a.test/{path}");
            let described = json!({"url": url, "facts": {"av.infected": true}});
            assert_eq!(ask_of(rules, &described)["action"], action, "{path}");
        }
    }

    #[test]
    fn what_is_not_known_is_told() {
        let answer =
            ask(&json!({"url": "http://a.test/", "method": "POST", "source_ip": "192.0.2.1"}));
        assert_eq!((&answer["action"], &answer["certain"]), (&json!("allow"), &json!(false)));
        let last = answer["gates"].as_array().unwrap().last().unwrap();
        let missing: Vec<_> = last["missing"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (m["field"].as_str().unwrap(), m["values"].clone()))
            .collect();
        assert!(missing.contains(&("dlp.upload.profiles", json!(["cards"]))), "{last:#}");
        assert_eq!(last["trail"][0]["id"], "seen");
        assert_eq!(last["trail"][0]["mode"], "log");
        assert_eq!(last["trail"][0]["predicate"], r#"http.request.method == "POST""#);
        let ended = json!({"url": "http://a.test/", "method": "POST", "source_ip": "192.0.2.1",
            "ended": ["request_body", "response_head"]});
        assert_eq!(ask(&ended)["certain"], true);
        let place = ask(&json!({"url": "http://a.test/go?x=1", "source_ip": "192.0.2.1"}));
        let gates = place["gates"].as_array().unwrap();
        assert_eq!(gates.last().unwrap()["location"], "https://b.example/go?x=1");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let rules = RuleSet::compile(&Scheme::gateway(), Vec::new(), &Options::default()).unwrap();
        for (described, says) in [
            (json!({"url": "/"}), "scheme and a host"),
            (json!({"url": "ftp://a/"}), "begins with"),
            (json!({"url": "http://a/ b"}), "no URL"),
            (json!({"url": "http://a/", "facts": {"x.y": 1}}), "no field"),
            (json!({"url": "http://a/", "facts": {"net.dst.port": "1"}}), "of type Int"),
            (json!({"url": "http://a/", "ended": ["never"]}), "there are connect"),
        ] {
            let described: Described = serde_json::from_value(described).unwrap();
            let problem = format!("{:?}", why(&rules, &described, 0).unwrap_err());
            assert!(problem.contains(says), "{problem}");
        }
    }
}
