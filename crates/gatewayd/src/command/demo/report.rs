//! What the demo prints of each step: what the client saw, what the record says, and whether that is as
//! it should be.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use gateway_sinks::{Archive, Filter};
use serde_json::Value as Json;

use super::super::Ended;
use super::Issuer;
use super::client::{Asked, Seen};
use super::steps::Step;

/// More than the demo has blocked requests.
const BLOCKED_MAX: usize = 100;

/// Prints whether a step went as it should.
pub(super) fn verdict(well: bool, out: &mut impl Write) -> io::Result<Ended> {
    writeln!(out, "   {}\n", if well { "as expected" } else { "NOT AS EXPECTED" })?;
    out.flush()?;
    Ok(if well { Ended::Well } else { Ended::Found })
}

/// All records, from the file in which they are.
pub(super) fn read_records(file: &Path) -> Result<Vec<Json>, Box<dyn Error>> {
    let lines = std::fs::read_to_string(file)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Asks SQLite for what was blocked, as anybody can afterwards: it must be by the rules `expected`.
pub(super) fn ask_archive(
    archive: &Archive,
    mut expected: Vec<&str>,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let mut blocked = Filter::default();
    blocked.action = Some("block".to_owned());
    let found = archive.last(&blocked, BLOCKED_MAX)?;
    writeln!(out, "SQLite, asked for what was blocked, has {} requests:", found.len())?;
    let mut policies = Vec::new();
    for record in found.iter().rev() {
        let json: Json = serde_json::from_str(&record.json)?;
        let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
        writeln!(
            out,
            "   {} {} by rule \"{}\"",
            text("Datetime"),
            text("URL"),
            text("PolicyName")
        )?;
        let id = text("RequestID");
        if archive.by_id(id)?.iter().any(|again| again.json == record.json) {
            policies.push(text("PolicyID").to_owned());
        }
    }
    // Records of connections that end side by side come in any order.
    expected.sort_unstable();
    policies.sort_unstable();
    Ok(verdict(policies == expected, out)?)
}

/// Prints what became of each step; well only if all is as it should be.
pub(super) fn report(
    seen: &[(Seen, Step)],
    records: &[Json],
    out: &mut impl Write,
) -> io::Result<Ended> {
    let mut ended = Ended::Well;
    for (number, (seen, step)) in seen.iter().enumerate() {
        writeln!(out, "{}. {}", number + 1, step.title)?;
        let record = records.iter().find(|record| is_of(record, step));
        if let Ended::Found = report_step(seen, step, record.unwrap_or(&Json::Null), out)? {
            ended = Ended::Found;
        }
    }
    Ok(ended)
}

fn report_step(seen: &Seen, step: &Step, record: &Json, out: &mut impl Write) -> io::Result<Ended> {
    let text = |name: &str| record.get(name).and_then(Json::as_str).unwrap_or_default();
    let shown = match seen.issuer {
        Issuer::Gateway => "minted by the gateway",
        Issuer::Origin => "of the origin itself",
    };
    let (status, version, bytes) = (seen.status, seen.version.number(), seen.body.len());
    writeln!(out, "   client saw  {status} in HTTP/{version}, {bytes} bytes, certificate {shown}")?;
    let rule = match text("PolicyName") {
        "" => String::new(),
        name => format!(" by rule \"{name}\""),
    };
    let user = match text("Email") {
        "" => String::new(),
        email => format!(", user {email}"),
    };
    writeln!(out, "   record      {}{rule}, {}{user}", text("Action"), text("InspectionVerdict"))?;
    let outside = outside(record);
    if !step.outside.is_empty() {
        writeln!(out, "   outside     {outside}")?;
    }
    let well = seen.status == step.status
        && seen.issuer == step.issuer
        && seen.version == step.asked.version
        && text("Action") == step.action
        && text("PolicyID") == step.policy
        && (step.outside.is_empty() || step.outside.iter().any(|said| outside.contains(said)));
    verdict(well, out)
}

/// What a record says of scanners outside.
fn outside(record: &Json) -> String {
    let objects = |name: &str| record.get(name).and_then(Json::as_array).into_iter().flatten();
    let text = |object: &Json, name: &str| {
        object.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    let scans = objects("ExternalScans").map(|scan| {
        let [scanner, verdict, detail] =
            ["Scanner", "Verdict", "Detail"].map(|name| text(scan, name));
        format!("{scanner}: {verdict} {detail}").trim_end().to_owned()
    });
    let mut services: Vec<(String, String)> = Vec::new();
    for adaptation in objects("Adaptations") {
        let [service, direction, outcome] =
            ["Service", "Direction", "Outcome"].map(|name| text(adaptation, name));
        let said = format!("{direction} {outcome}");
        match services.iter_mut().find(|(name, _)| *name == service) {
            Some((_, all)) => *all = format!("{all}, {said}"),
            None => services.push((service, said)),
        }
    }
    let services = services.into_iter().map(|(service, said)| format!("{service}: {said}"));
    scans.chain(services).collect::<Vec<_>>().join("; ")
}

/// Prints what became of the query by the relay of SOCKS.
pub(super) fn report_datagrams(
    number: usize,
    answered: bool,
    records: &[Json],
    out: &mut impl Write,
) -> io::Result<Ended> {
    let flow = records.iter().find(|r| r.get("DetectedProtocol") == Some(&"dns".into()));
    let count = |name: &str| flow.and_then(|r| r.get(name)?.as_u64()).unwrap_or_default();
    let (sent, back) = (count("DatagramsSent"), count("ClientDatagramsSent"));
    let well = answered && (sent, back) == (1, 1);
    writeln!(out, "{number}. a query of DNS by the relay for datagrams of SOCKS 5")?;
    let saw = if answered { "its answer" } else { "something else" };
    writeln!(out, "   client saw  {saw}")?;
    writeln!(out, "   record      dns, {sent} datagram sent, {back} back")?;
    verdict(well, out)
}

/// Whether a record tells of a step: by its URL, or by its host where nothing is inspected.
fn is_of(record: &Json, step: &Step) -> bool {
    let is = |name: &str, value: &str| record.get(name).and_then(Json::as_str) == Some(value);
    let Asked { host, port, path, .. } = step.asked;
    match step.issuer {
        Issuer::Gateway => is("URL", &format!("https://{host}:{port}{path}")),
        Issuer::Origin => is("RecordType", "session") && is("HTTPHost", host),
    }
}
