//! The demo's step for reloading: settings and policy changed on the disk while requests run. What is
//! wrong changes nothing and is told with its place; what is right comes into force as a whole; no
//! request is lost.

use std::cell::Cell;
use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use super::super::Ended;
use super::client::{self, Asked, Seen, Trusted};
use super::report::verdict;
use super::stage::Stage;
use crate::reload::{Reloader, Status};

/// How often it is looked whether a reload has come to its end.
const LOOK: Duration = Duration::from_millis(20);

/// The id of the rule that comes.
pub(super) const RULE: &str = "closed";

/// What the page of a block says once the settings have changed.
const ORGANISATION: &str = "Demonstration Ltd";

/// The rule, over a field of this name.
fn rule(field: &str) -> String {
    format!(
        "\n[[rule]]\nid = \"{RULE}\"\nname = \"Reports are closed\"\nlayer = \"http\"\n\
         action = \"block\"\nfilter = '{field} == \"closed\"'\n"
    )
}

/// Who asks while files change.
pub(super) struct Asking<'a> {
    pub(super) proxy: SocketAddr,
    pub(super) plain: Asked,
    pub(super) trusted: Trusted<'a>,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Shown {
    /// What was told of the wrong policy, and of the wrong settings.
    faults: [String; 2],
    /// The generation in force in the end; it began with 1.
    generation: u64,
    /// What the client saw before, still saw after the wrong policy, and saw in the end.
    before: [u16; 2],
    after: Seen,
    /// Requests meanwhile, and how many of them failed.
    asked: usize,
    failed: usize,
}

/// Changes the files of `stage` while requests run.
pub(super) async fn show(
    stage: &Stage,
    reloader: &Reloader,
    asking: &Asking<'_>,
) -> Result<Shown, Box<dyn Error>> {
    let over = Cell::new(false);
    let changes = async {
        let changed = change(stage, reloader, asking).await;
        over.set(true);
        changed
    };
    let (changed, (asked, failed)) = tokio::join!(changes, ask_meanwhile(asking, &over));
    Ok(Shown { asked, failed, ..changed? })
}

async fn change(
    stage: &Stage,
    reloader: &Reloader,
    asking: &Asking<'_>,
) -> Result<Shown, Box<dyn Error>> {
    let closed = || asking.ask("/report.txt?closed");
    let (rules, settings) = (File::of(stage.rules())?, File::of(stage.settings())?);
    let before = closed().await?.status;
    let wrong_rule = rules.add(&rule("http.request.uri.qury"), reloader).await?;
    let still = closed().await?.status;
    rules.add(&rule("http.request.uri.query"), reloader).await?;
    let wrong_setting = settings.add("\n[page]\norganization = \"\"\n", reloader).await?;
    let right = format!("\n[page]\norganisation = \"{ORGANISATION}\"\n");
    let last = settings.add(&right, reloader).await?;
    Ok(Shown {
        faults: [fault(&wrong_rule), fault(&wrong_setting)],
        generation: last.generation,
        before: [before, still],
        after: closed().await?,
        asked: 0,
        failed: 0,
    })
}

/// A file, and what it held at first.
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn of(path: PathBuf) -> io::Result<Self> {
        Ok(Self { text: std::fs::read_to_string(&path)?, path })
    }

    /// Lets it hold `more` besides what it held at first, and waits until the gateway has loaded it,
    /// whatever came of that.
    async fn add(&self, more: &str, reloader: &Reloader) -> io::Result<Status> {
        let tried = |status: &Status| status.succeeded + status.failed;
        let before = tried(&reloader.status());
        // In one step, so that nobody reads half of it.
        let whole = self.path.with_file_name(".new");
        std::fs::write(&whole, format!("{}{more}", self.text))?;
        std::fs::rename(&whole, &self.path)?;
        loop {
            let status = reloader.status();
            if tried(&status) > before {
                return Ok(status);
            }
            sleep(LOOK).await;
        }
    }
}

/// What was wrong at the last reload, in one line.
fn fault(status: &Status) -> String {
    let faults = status.last.iter().flat_map(|last| &last.faults);
    let lines = faults.map(|fault| {
        let file = fault.file.as_deref().map(Path::new).and_then(Path::file_name);
        let file = file.unwrap_or_default().display();
        let (line, column) = (fault.line.unwrap_or_default(), fault.column.unwrap_or_default());
        let message = fault.message.lines().next().unwrap_or_default();
        format!("{file}:{line}:{column}: {message}")
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// Asks for something that no rule minds until it is `over`: how often, and how often in vain.
async fn ask_meanwhile(asking: &Asking<'_>, over: &Cell<bool>) -> (usize, usize) {
    let (mut asked, mut failed) = (0, 0);
    while !over.get() {
        let seen = asking.ask("/report.txt?meanwhile").await;
        asked += 1;
        failed += usize::from(!seen.is_ok_and(|seen| seen.status == 200));
    }
    (asked, failed)
}

impl Asking<'_> {
    async fn ask(&self, path: &'static str) -> Result<Seen, Box<dyn Error>> {
        client::ask(self.proxy, &Asked { path, ..self.plain }, &self.trusted).await
    }
}

/// Prints what became of it.
pub(super) fn report(number: usize, shown: &Shown, out: &mut impl Write) -> io::Result<Ended> {
    let Shown { faults, generation, before, after, asked, failed } = shown;
    let says = String::from_utf8_lossy(&after.body).contains(ORGANISATION);
    writeln!(out, "{number}. a rule and a setting changed on the disk while requests run")?;
    for fault in faults {
        writeln!(out, "   told        {fault}")?;
    }
    let [first, still] = before;
    writeln!(
        out,
        "   client saw  {first}, {still} after a wrong rule, {} in the end",
        after.status
    )?;
    let page = if says { "says" } else { "does not say" };
    writeln!(out, "   its page    {page} \"{ORGANISATION}\", as the setting wants")?;
    writeln!(out, "   in force    generation {generation}, after 2 changes that were right")?;
    writeln!(out, "   meanwhile   {asked} requests, {failed} of them in vain")?;
    let told = [("rules.toml:", "`http.request.uri.query`"), ("gateway.toml:", "`organisation`")];
    let well = faults
        .iter()
        .zip(told)
        .all(|(fault, (file, meant))| fault.starts_with(file) && fault.contains(meant));
    let well = well && *before == [200, 200] && after.status == 403 && says;
    verdict(well && *generation == 3 && *asked > 0 && *failed == 0, out)
}
