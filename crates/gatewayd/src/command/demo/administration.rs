//! The demo's step for the admin API: asked over its unix socket why a request would be blocked.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_admin::Admin;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::super::Ended;
use super::steps::PUBLIC;
use crate::admin;
use crate::args::{GlobalArgs, RunArgs};
use crate::reload::{self, Reloader};
use crate::serve::{Live, Serving};

/// The API of the demo's gateway.
pub(super) struct Administered {
    socket: PathBuf,
    answering: Admin,
}

impl Administered {
    /// Answers over the socket that the configuration in force names, in the demo's folder `dir`.
    pub(super) fn start(
        dir: &Path,
        live: &Arc<Live>,
        serving: &Arc<Serving>,
    ) -> Result<Self, Box<dyn Error>> {
        let gateway = live.current();
        let doors = admin::bind(&gateway.config.admin)?;
        let global = GlobalArgs { state: Some(dir.to_owned()), config: None };
        let run = RunArgs::default();
        let seen = reload::look(&gateway.config, &global);
        let (live, serving) = (live.clone(), serving.clone());
        let reloader = Reloader::new(&global, &run, seen, live.clone(), serving.clone(), vec![]);
        let answering = admin::start(doors, live, serving, Arc::new(reloader), |_, _| {});
        Ok(Self { socket: gateway.config.admin.socket.clone(), answering })
    }

    /// Why an upload by somebody who is known to carry a payment card number would be blocked.
    pub(super) async fn why(&self) -> Result<Json, Box<dyn Error>> {
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
        let mut stream = UnixStream::connect(&self.socket).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a head")?;
        if !head.starts_with("HTTP/1.1 200 ") {
            return Err(format!("the admin API answers {head}").into());
        }
        Ok(serde_json::from_str(body)?)
    }

    /// Stops answering.
    pub(super) async fn end(self) {
        self.answering.end().await;
    }
}

/// Prints what the API said.
pub(super) fn report(
    number: usize,
    why: &Json,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let text = |pointer: &str| why.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    let well = text("/action") == "block" && text("/rule/id") == "cards";
    writeln!(out, "{number}. the admin API, asked why an upload would be blocked")?;
    writeln!(out, "   answer      {} by rule \"{}\"", text("/action"), text("/rule/name"))?;
    writeln!(out, "   {}\n", if well { "as expected" } else { "NOT AS EXPECTED" })?;
    Ok(if well { Ended::Well } else { Ended::Found })
}
