//! The demo's step for the admin API: asked over its unix socket why a request would be blocked.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value as Json, json};
use tokio::net::UnixStream;

use super::super::Ended;
use super::report::verdict;
use super::steps::PUBLIC;
use super::words::ask;

/// Why an upload by somebody who is known to carry a payment card number would be blocked, asked
/// over the unix socket at `socket`.
pub(super) async fn why(socket: &Path) -> Result<Json, Box<dyn Error>> {
    let asked = json!({
        "url": format!("https://{PUBLIC}/upload"),
        "method": "POST",
        "facts": { "dlp.upload.profiles": ["financial"] },
    });
    let body = asked.to_string();
    let request = format!(
        "POST /api/v1/why HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Ok(serde_json::from_str(&ask(UnixStream::connect(socket).await?, &request).await?)?)
}

/// Prints what the API said.
pub(super) fn report(number: usize, why: &Json, out: &mut impl Write) -> io::Result<Ended> {
    let text = |pointer: &str| why.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    let well = text("/action") == "block" && text("/rule/id") == "cards";
    writeln!(out, "{number}. the admin API, asked why an upload would be blocked")?;
    writeln!(out, "   answer      {} by rule \"{}\"", text("/action"), text("/rule/name"))?;
    verdict(well, out)
}
