//! The connection that scans share: each is asked for as soon as all of its content is here, whether those
//! before it have been answered or not, and gets the answer that has its number.

use std::collections::VecDeque;
use std::fs::File;
use std::future::poll_fn;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gateway_av::clamd::{ClamdError, Connection, Limits, Reply};
use gateway_proxy::ScanFailure;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::stream::{self, Wire};
use super::{Clamd, Times};
use crate::drive::Stream;

/// How long an idle connection is kept; clamd closes one after 30 s (`IdleTimeout`) by default.
const KEEP: Duration = Duration::from_secs(10);

/// All of a body.
pub(super) enum Content {
    Bytes(Vec<Bytes>),
    /// Its descriptor goes over; only to a daemon on this host.
    File(File),
}

/// A scan that is wanted.
struct Order {
    content: Arc<Content>,
    answer: oneshot::Sender<Result<Reply, ScanFailure>>,
}

/// Where orders for the connection go, if there is one.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Option<UnboundedSender<Order>>>);

impl Line {
    /// Scans `content`. On a connection that others have used before it is tried once more if that breaks:
    /// the daemon may have closed it, or was started anew, in the meantime.
    pub(super) async fn scan(&self, content: Content, clamd: &Clamd) -> Result<Reply, ScanFailure> {
        let content = Arc::new(content);
        let (orders, was_used) = self.orders(clamd, None).await?;
        let reply = order(&orders, &content, clamd.times.answer).await;
        if reply != Err(ScanFailure::Broken) || !was_used {
            return reply;
        }
        let (orders, _) = self.orders(clamd, Some(&orders)).await?;
        order(&orders, &content, clamd.times.answer).await
    }

    /// Where orders go, of a connection that is none of `but`; and whether it was used before.
    async fn orders(
        &self,
        clamd: &Clamd,
        but: Option<&UnboundedSender<Order>>,
    ) -> Result<(UnboundedSender<Order>, bool), ScanFailure> {
        // Locked while it is connected, so that there is one.
        let mut line = self.0.lock().await;
        let is_broken =
            |line: &UnboundedSender<Order>| but.is_some_and(|but| but.same_channel(line));
        if let Some(orders) = line.as_ref().filter(|line| !line.is_closed() && !is_broken(line)) {
            return Ok((orders.clone(), true));
        }
        let stream = clamd.connect().await?;
        let (orders, taken) = unbounded_channel();
        tokio::spawn(run(stream, taken, clamd.times));
        *line = Some(orders.clone());
        Ok((orders, false))
    }
}

async fn order(
    orders: &UnboundedSender<Order>,
    content: &Arc<Content>,
    patience: Duration,
) -> Result<Reply, ScanFailure> {
    let (answer, answered) = oneshot::channel();
    let order = Order { content: content.clone(), answer };
    if orders.send(order).is_err() {
        return Err(ScanFailure::Broken);
    }
    match timeout(patience, answered).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(_)) => Err(ScanFailure::Broken),
        Err(_) => Err(ScanFailure::TimedOut),
    }
}

/// Who waits for an answer.
struct Waiting {
    number: u32,
    since: Instant,
    answer: oneshot::Sender<Result<Reply, ScanFailure>>,
}

/// One connection at work.
struct Running {
    stream: Stream,
    connection: Connection,
    out: VecDeque<Bytes>,
    /// A command that goes out behind that, and the file that must go with it.
    with_file: Option<(Bytes, Arc<Content>)>,
    waiting: Vec<Waiting>,
    read: BytesMut,
}

/// What happened next.
enum Happened {
    Order(Option<Order>),
    Wire(std::io::Result<Wire>),
    Due,
}

/// Runs it until it breaks, or until nobody has wanted anything for some time. Those who wait then learn
/// that it broke.
async fn run(stream: Stream, mut orders: UnboundedReceiver<Order>, times: Times) {
    let mut running = Running {
        stream,
        connection: Connection::new(Limits::default()),
        out: VecDeque::new(),
        with_file: None,
        waiting: Vec::new(),
        read: BytesMut::new(),
    };
    let mut moved = Instant::now();
    loop {
        running.take_output();
        let is_written = running.out.is_empty() && running.with_file.is_none();
        let is_free = is_written && running.connection.takes_command();
        let due = match (is_written, running.waiting.first()) {
            (false, _) => moved + times.send,
            (true, None) => moved + KEEP,
            (true, Some(first)) => first.since + times.answer,
        };
        let happened = tokio::select! {
            biased;
            wire = poll_fn(|context| running.poll(context)) => Happened::Wire(wire),
            order = orders.recv(), if is_free => Happened::Order(order),
            () = sleep_until(due) => Happened::Due,
        };
        moved = Instant::now();
        let goes_on = match happened {
            Happened::Order(Some(order)) => running.begin(order).is_ok(),
            Happened::Wire(Ok(Wire::Wrote)) => true,
            Happened::Wire(Ok(Wire::Read(0)) | Err(_)) | Happened::Order(None) => false,
            Happened::Due => {
                // A daemon that owes an answer is not to be asked for more.
                running.fail(ScanFailure::TimedOut);
                false
            }
            Happened::Wire(Ok(Wire::Read(_))) => running.answered(),
        };
        if !goes_on {
            // Orders that nobody has taken learn it by their sender's end.
            return;
        }
    }
}

impl Running {
    fn take_output(&mut self) {
        while let Some(bytes) = self.connection.poll_output() {
            self.out.push_back(bytes);
        }
    }

    fn begin(&mut self, order: Order) -> Result<(), ClamdError> {
        let Order { content, answer } = order;
        let number = match &*content {
            Content::File(_) => {
                let number = self.connection.scan_file()?;
                self.take_output();
                self.with_file = self.out.pop_back().map(|command| (command, content.clone()));
                number
            }
            Content::Bytes(pieces) => {
                let number = self.connection.begin_scan()?;
                for bytes in pieces {
                    self.connection.scan(bytes.clone())?;
                }
                self.connection.end_scan()?;
                number
            }
        };
        self.waiting.push(Waiting { number, since: Instant::now(), answer });
        Ok(())
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<Wire>> {
        if self.out.is_empty()
            && let Some((command, content)) = &self.with_file
            && let Content::File(file) = &**content
        {
            let sent = ready!(self.stream.poll_send_file(context, command, file.as_fd()));
            self.with_file = None;
            return Poll::Ready(sent.map(|()| Wire::Wrote));
        }
        stream::poll(&mut self.stream, context, &mut self.out, &mut self.read)
    }

    /// Tells what was answered; whether the connection is of use still.
    fn answered(&mut self) -> bool {
        if self.connection.receive(&self.read.split()).is_err() {
            // Who makes no sense is not believed in what came just before either.
            self.fail(ScanFailure::Garbled);
            return false;
        }
        while let Some((number, reply)) = self.connection.poll_reply() {
            if let Some(at) = self.waiting.iter().position(|waiting| waiting.number == number) {
                // Who waits no more is gone.
                let _ = self.waiting.remove(at).answer.send(Ok(reply));
            }
        }
        !self.connection.is_unusable()
    }

    fn fail(&mut self, failure: ScanFailure) {
        for waiting in self.waiting.drain(..) {
            let _ = waiting.answer.send(Err(failure));
        }
    }
}
