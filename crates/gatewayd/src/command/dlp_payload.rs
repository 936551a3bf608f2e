//! `gateway-proxy dlp key` and `dlp decrypt`: who may read the matches that records hold sealed.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::Ended;
use crate::args::{DlpDecryptArgs, DlpKeyArgs};
use crate::payload::PrivateKey;
use crate::state;

/// The fields of records that hold sealed matches, with the direction that they are sealed for.
const SEALED: [(&str, &str); 2] =
    [("UploadDlpPayload", "upload"), ("DownloadDlpPayload", "download")];

/// Makes a key.
pub(super) fn key(args: &DlpKeyArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let private = PrivateKey::generate()?;
    let public = private.public()?;
    let cannot = |error| format!("cannot write {}: {error}", args.out.display());
    let text = format!("{}\n", private.to_base64());
    state::write_new(&args.out, text.as_bytes()).map_err(cannot)?;
    writeln!(out, "{public}")?;
    out.flush()?;
    Ok(Ended::Well)
}

/// Opens what records hold.
pub(super) fn decrypt(
    args: &DlpDecryptArgs,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let cannot = |path: &Path, error| format!("cannot read {}: {error}", path.display());
    let text = std::fs::read_to_string(&args.key).map_err(|error| cannot(&args.key, error))?;
    let key: PrivateKey =
        text.parse().map_err(|error| format!("{}: {error}", args.key.display()))?;
    let mut opener = Opener { key, out, ended: Ended::Well };
    if args.records.is_empty() {
        opener.file("-", io::stdin().lock())?;
    }
    for path in &args.records {
        if path.as_os_str() == "-" {
            opener.file("-", io::stdin().lock())?;
        } else {
            let file = File::open(path).map_err(|error| cannot(path, error))?;
            opener.file(&path.display().to_string(), BufReader::new(file))?;
        }
    }
    opener.out.flush()?;
    Ok(opener.ended)
}

struct Opener<'a, W> {
    key: PrivateKey,
    out: &'a mut W,
    ended: Ended,
}

impl<W: Write> Opener<'_, W> {
    fn file(&mut self, name: &str, lines: impl BufRead) -> Result<(), Box<dyn Error>> {
        for (number, line) in (1..).zip(lines.lines()) {
            let line = line.map_err(|error| format!("cannot read {name}: {error}"))?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Value>(&line) {
                Ok(record) => self.record(&record, (name, number))?,
                Err(error) => self.fail((name, number), &format!("no record: {error}")),
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &Value, place: (&str, u64)) -> io::Result<()> {
        let id = record.get("RequestID").and_then(Value::as_str).unwrap_or_default();
        for (field, direction) in SEALED {
            let Some(sealed) = record.get(field).and_then(Value::as_str) else { continue };
            match self.key.open(id, direction, sealed) {
                Ok(matches) => {
                    let opened =
                        json!({"RequestID": id, "Direction": direction, "Matches": matches});
                    writeln!(self.out, "{opened}")?;
                }
                Err(error) => self.fail(place, &format!("{field}: {error}")),
            }
        }
        Ok(())
    }

    /// Tells what could not be opened; the rest is.
    fn fail(&mut self, (name, number): (&str, u64), what: &str) {
        let _ = writeln!(io::stderr(), "gateway-proxy: {name}:{number}: {what}");
        self.ended = Ended::Wrong;
    }
}
