//! What the catalogs tell of addresses and hosts.

use std::net::IpAddr;

use gateway_h1h2::RequestHead;
use gateway_h1h2::ws::offers_websocket;
use gateway_rules::{Fact, Facts, FieldId, Value, field};

use crate::catalogs::{Application, Categories, Part, Prompt, Prompts};
use crate::policy::Policy;

/// Where the client is.
pub(super) fn client(policy: &Policy, facts: &mut Facts, client: IpAddr) {
    let continents = [field::NET_SRC_GEO_CONTINENT, field::HTTP_SRC_IP_GEO_CONTINENT];
    let countries = [field::NET_SRC_GEO_COUNTRY, field::HTTP_SRC_IP_GEO_COUNTRY];
    place(policy, facts, client, continents, countries);
}

/// Where the origin is.
pub(super) fn origin(policy: &Policy, facts: &mut Facts, origin: IpAddr) {
    let continents = [field::NET_DST_GEO_CONTINENT, field::HTTP_DST_IP_GEO_CONTINENT];
    let countries = [field::NET_DST_GEO_COUNTRY, field::HTTP_DST_IP_GEO_COUNTRY];
    place(policy, facts, origin, continents, countries);
}

fn place(
    policy: &Policy,
    facts: &mut Facts,
    address: IpAddr,
    continents: [FieldId; 2],
    countries: [FieldId; 2],
) {
    let is_read = |id: &FieldId| policy.rules.uses(*id);
    if !continents.iter().chain(&countries).any(is_read) {
        return;
    }
    let Some(country) = policy.settings.catalogs.countries.of(address) else { return };
    for id in countries.into_iter().filter(is_read) {
        facts.set(id, country.as_str());
    }
    if let Some(continent) = country.continent() {
        continents.into_iter().filter(is_read).for_each(|id| facts.set(id, continent));
    }
}

/// What is told of a host that a connection is for: asked for, or named by a ClientHello. What was
/// told of another one before stays.
pub(super) fn host(policy: &Policy, facts: &mut Facts, host: &str) {
    let catalogs = &policy.settings.catalogs;
    let mut add = |id: FieldId, values: &dyn Fn() -> Vec<Value>| {
        if policy.rules.uses(id) {
            let known = match facts.state(id) {
                Fact::Known(Value::Array(known)) | Fact::Partial(Value::Array(known)) => {
                    known.clone()
                }
                Fact::Known(_) | Fact::Partial(_) | Fact::NotYet | Fact::Missing => Vec::new(),
            };
            let mut all = known;
            for value in values() {
                if !all.contains(&value) {
                    all.push(value);
                }
            }
            facts.set_partial(id, Value::Array(all));
        }
    };
    let ids =
        |categories: &Categories| -> Vec<Value> { categories.of_host(host).map(number).collect() };
    add(field::NET_FQDN_CONTENT_CATEGORY, &|| ids(&catalogs.content));
    add(field::NET_FQDN_SECURITY_CATEGORY, &|| ids(&catalogs.security));
    let applications = |of: &dyn Fn(&Application) -> Option<Value>| -> Vec<Value> {
        catalogs.applications.of_host(host).filter_map(of).collect()
    };
    let of_part = |part: Part| -> Vec<Value> {
        applications(&|one| (one.part == part).then(|| number(one.id)))
    };
    add(field::APP_IDS, &|| applications(&|one| Some(number(one.id))));
    add(field::APP_TYPE_IDS, &|| applications(&|one| Some(number(one.kind))));
    add(field::APP_STATUSES, &|| applications(&|one| Some(one.status.as_str().into())));
    add(field::APP_HOSTS_IDS, &|| of_part(Part::Hosts));
    add(field::APP_SUPPORTS_IDS, &|| of_part(Part::Supports));
}

/// What is told of the host of a request.
pub(super) fn request(policy: &Policy, facts: &mut Facts, host: &str) {
    let catalogs = &policy.settings.catalogs;
    for (id, categories) in [
        (field::HTTP_REQUEST_URI_CONTENT_CATEGORY, &catalogs.content),
        (field::HTTP_REQUEST_URI_SECURITY_CATEGORY, &catalogs.security),
    ] {
        if policy.rules.uses(id) {
            facts.set(id, Value::Array(categories.of_host(host).map(number).collect()));
        }
    }
}

/// The prompt that a request carries, if a rule wants to know.
pub(crate) fn prompt_of<'p>(
    policy: &'p Policy,
    head: &RequestHead,
    host: &str,
) -> Option<&'p Prompt> {
    let read = [field::DLP_PROMPT_APP, field::DLP_PROMPT_PROFILES];
    if !read.into_iter().any(|id| policy.rules.uses(id)) {
        return None;
    }
    let path = head.target.path_and_query()?.path();
    let method = if offers_websocket(head) { "WS" } else { head.method.as_str() };
    let told = [&policy.settings.catalogs.prompts, Prompts::built_in()];
    told.into_iter().find_map(|prompts| prompts.of_request(method, host, path))
}

/// Whether a request carries a prompt, and for whom.
pub(super) fn prompt(policy: &Policy, facts: &mut Facts, head: &RequestHead, host: &str) {
    match prompt_of(policy, head, host) {
        Some(prompt) => facts.set(field::DLP_PROMPT_APP, &*prompt.application),
        // Nothing can be found in what is not there.
        None if policy.rules.uses(field::DLP_PROMPT_PROFILES) => {
            facts.set(field::DLP_PROMPT_PROFILES, Value::Array(Vec::new()));
        }
        None => {}
    }
}

fn number(id: u32) -> Value {
    Value::Int(id.into())
}
