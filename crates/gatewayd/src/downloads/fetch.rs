//! A download from its place on the shelf to the day on which nobody asks for it any more.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use gateway_h1h2::{BodySize, Event, ResponseHead};
use gateway_proxy::{DeferInput, DeferReport};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep_until, timeout_at};
use tracing::error;

use super::file::Writing;
use super::shelf::{Room, State};
use super::{Downloads, Opened};

/// Inputs that are taken at a time; their bytes are bounded by who sends them.
const AT_ONCE: usize = 64;

/// Keeps what `inputs` bring of a download, tells how that goes, and has it ready for whoever waits for it as
/// long as somebody does. Needs the runtime.
pub(crate) async fn fetch(
    downloads: Arc<Downloads>,
    opened: Opened,
    mut inputs: UnboundedReceiver<DeferInput>,
    tell: impl Fn(DeferReport) + Send,
) {
    let Opened { ticket, download } = &opened;
    if let Some(state) = run(&downloads, &opened, &mut inputs, &tell).await {
        download.settle(state);
        while std::time::Instant::now() < download.due() {
            sleep_until(download.due().into()).await;
        }
    }
    downloads.shelf.remove(*ticket);
}

/// What it comes to; nothing if nobody wants it.
async fn run(
    downloads: &Downloads,
    opened: &Opened,
    inputs: &mut UnboundedReceiver<DeferInput>,
    tell: &(impl Fn(DeferReport) + Send),
) -> Option<State> {
    let (download, mut head) = (&opened.download, None);
    let mut storing = Storing { room: downloads.shelf.room(), writing: None, bytes: 0 };
    let mut batch = Vec::new();
    loop {
        let due = download.due();
        let Ok(taken) = timeout_at(due.into(), inputs.recv_many(&mut batch, AT_ONCE)).await else {
            if due == download.due() {
                tell(DeferReport::Abandoned);
                return None;
            }
            continue;
        };
        if taken == 0 {
            return Some(State::Failed);
        }
        let (mut pieces, mut last) = (Vec::new(), None);
        for input in batch.drain(..) {
            match input {
                DeferInput::Event(Event::ResponseHead(got)) => head = Some(got),
                DeferInput::Event(Event::Data(bytes)) => pieces.push(bytes),
                DeferInput::Event(Event::End | Event::Reset(_))
                | DeferInput::Refused(..)
                | DeferInput::Cancel => {
                    // What a refusal is followed by says less.
                    last.get_or_insert(input);
                }
                _ => {}
            }
        }
        if !pieces.is_empty() {
            let bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
            if let Err(error) = storing.take(downloads, pieces, bytes).await {
                error!("a download cannot be kept: {error}");
                tell(DeferReport::Failed);
                return Some(State::Failed);
            }
            download.has(storing.bytes);
            tell(DeferReport::Taken(bytes));
        }
        match last {
            None => {}
            Some(DeferInput::Event(Event::End)) => {
                return Some(storing.ready(downloads, head).await);
            }
            Some(DeferInput::Refused(id, name)) => return Some(State::Refused(id, name)),
            Some(DeferInput::Cancel) => return None,
            Some(_) => return Some(State::Failed),
        }
    }
}

/// The bytes that are there.
struct Storing {
    room: Room,
    /// None before the first byte.
    writing: Option<Writing>,
    bytes: u64,
}

impl Storing {
    /// Writes `pieces`, of so many bytes, on a thread for files.
    async fn take(
        &mut self,
        downloads: &Downloads,
        pieces: Vec<Bytes>,
        bytes: u64,
    ) -> io::Result<()> {
        let settings = &downloads.settings;
        let more = self.bytes.saturating_add(bytes);
        if more > settings.body_bytes_max || !self.room.grow(bytes, settings.total_bytes_max) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let (writing, folder) = (self.writing.take(), settings.dir.clone());
        let writing = tokio::task::spawn_blocking(move || -> io::Result<Writing> {
            let mut writing = match writing {
                Some(writing) => writing,
                None => Writing::create(&folder)?,
            };
            writing.write(&pieces)?;
            Ok(writing)
        });
        // One that broke down is as good as a disk that does.
        self.writing = Some(writing.await.map_err(io::Error::other)??);
        self.bytes = more;
        Ok(())
    }

    /// All of it is there, and in order.
    async fn ready(mut self, downloads: &Downloads, head: Option<Box<ResponseHead>>) -> State {
        if self.writing.is_none() && self.take(downloads, Vec::new(), 0).await.is_err() {
            return State::Failed;
        }
        match (head, self.writing) {
            (Some(head), Some(writing)) => {
                let stored = writing.finish(self.room);
                State::Ready(as_handed_out(head, stored.bytes()), Arc::new(stored))
            }
            _ => State::Failed,
        }
    }
}

/// The head with which a download of so many bytes is handed out: no cache keeps it under its passing address,
/// and no client asks there for a part of it.
fn as_handed_out(mut head: Box<ResponseHead>, bytes: u64) -> Box<ResponseHead> {
    for name in
        ["Cache-Control", "Expires", "Age", "Pragma", "ETag", "Last-Modified", "Accept-Ranges"]
    {
        head.fields.remove(name);
    }
    // Both are plain text.
    let _ = head.fields.append("Cache-Control", "no-store");
    let _ = head.fields.append("Accept-Ranges", "none");
    head.body = BodySize::Length(bytes);
    head
}
