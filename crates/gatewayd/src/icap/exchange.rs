//! One exchange on one connection: what comes goes out, what is answered is reported, both at the
//! same time and neither faster than the other side takes it.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use gateway_h1h2::icap::{Event, Exchange, IcapError, Told};
use gateway_proxy::{AdaptInput, AdaptReport, Adapter, ScanFailure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep_until;

use super::{Reports, Times};

/// Bytes kept to be sent once more if a kept connection turns out to be dead.
const REPLAY_BYTES_MAX: usize = 64 << 10;
/// Bytes that are taken in ahead of the socket.
const OUT_BYTES_MAX: usize = 64 << 10;
/// Bytes read at once.
const READ_BYTES: usize = 32 << 10;
/// Pieces written at once.
const PIECES: usize = 16;

/// How an exchange ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nobody waits for it any more.
    Cancelled,
    Failed(ScanFailure),
}

/// What a service's error means.
pub(super) const fn failure(error: &IcapError) -> ScanFailure {
    match error {
        IcapError::Refused(503) => ScanFailure::Busy,
        IcapError::Refused(408) => ScanFailure::TimedOut,
        IcapError::Refused(_) => ScanFailure::Refused,
        _ => ScanFailure::Garbled,
    }
}

/// What was sent of a message, as long as it is little and nothing was answered.
#[derive(Debug, Default)]
pub(super) struct Replay {
    body: Vec<Bytes>,
    length: usize,
    ended: bool,
    spent: bool,
    /// Bytes of the body that were reported as taken.
    reported: u64,
}

impl Replay {
    /// Whether the message can be sent once more.
    pub(super) const fn is_possible(&self) -> bool {
        !self.spent
    }

    fn keep(&mut self, bytes: &Bytes) {
        self.length = self.length.saturating_add(bytes.len());
        if self.length > REPLAY_BYTES_MAX {
            self.spend();
        } else if !self.spent {
            self.body.push(bytes.clone());
        }
    }

    fn spend(&mut self) {
        self.spent = true;
        self.body = Vec::new();
    }
}

/// An exchange that runs.
pub(super) struct Running<'a> {
    exchange: Exchange,
    reports: &'a Reports,
    times: Times,
    out: VecDeque<Bytes>,
    out_bytes: usize,
    /// Bytes of the body taken in.
    given: u64,
    /// Bytes of the answer that may be handed in.
    credit: i64,
    wanted: bool,
    /// The service takes nothing more, but may have said why.
    deaf: bool,
    /// What was written may wait within TLS for the socket.
    unflushed: bool,
    /// The last time that a byte went either way.
    moved: Instant,
}

/// What happened next.
enum Happened {
    Input(Option<AdaptInput>),
    Wrote(std::io::Result<usize>),
    Read(std::io::Result<usize>),
    Due,
}

impl<'a> Running<'a> {
    pub(super) fn new(exchange: Exchange, reports: &'a Reports, times: Times) -> Self {
        Self {
            exchange,
            reports,
            times,
            out: VecDeque::new(),
            out_bytes: 0,
            given: 0,
            credit: i64::try_from(Adapter::AHEAD_BYTES_MAX).unwrap_or(i64::MAX),
            wanted: false,
            deaf: false,
            unflushed: false,
            moved: Instant::now(),
        }
    }

    /// What the service said beside its answer.
    pub(super) fn told(&self) -> Option<&Told> {
        self.exchange.told()
    }

    /// Whether its connection can serve the next.
    pub(super) fn is_reusable(&self) -> bool {
        self.exchange.is_reusable() && !self.has_output() && !self.deaf
    }

    /// Runs it to its end.
    pub(super) async fn go(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        inputs: &mut UnboundedReceiver<AdaptInput>,
        replay: &mut Replay,
    ) -> Result<(), Ended> {
        for bytes in replay.body.clone() {
            self.given += bytes.len() as u64;
            self.exchange.push(bytes);
        }
        if replay.ended {
            self.exchange.finish();
        }
        let (mut reader, mut writer) = split(stream);
        let mut read = BytesMut::with_capacity(READ_BYTES);
        loop {
            self.report();
            if self.exchange.is_done() {
                return Ok(());
            }
            self.take_output(replay);
            // Credit comes as an input too: a service that takes no more until its answer is read would
            // wait for ever if inputs waited for the service.
            let takes_inputs = self.out_bytes < OUT_BYTES_MAX || self.credit <= 0;
            let due = self.patience().map(|patience| self.moved + patience);
            let happened = tokio::select! {
                wrote = write(&mut writer, &self.out), if self.has_output() => Happened::Wrote(wrote),
                came = reader.read_buf(&mut read), if self.credit > 0 => Happened::Read(came),
                input = inputs.recv(), if takes_inputs => Happened::Input(input),
                () = until(due), if due.is_some() => Happened::Due,
            };
            match happened {
                Happened::Input(input) => self.on_input(input, replay)?,
                Happened::Wrote(Ok(written)) => self.on_written(written),
                Happened::Wrote(Err(_)) => {
                    self.unflushed = false;
                    self.deaf = true;
                    (self.out_bytes, self.out) = (0, VecDeque::new());
                }
                Happened::Read(Ok(0) | Err(_)) => return Err(Ended::Failed(ScanFailure::Broken)),
                Happened::Read(Ok(_)) => {
                    self.moved = Instant::now();
                    replay.spend();
                    let received = self.exchange.receive(&read);
                    read.clear();
                    // What was said before the fault has been said.
                    received.map_err(|error| Ended::Failed(failure(&error)))?;
                }
                Happened::Due => return Err(Ended::Failed(ScanFailure::TimedOut)),
            }
        }
    }

    /// Whether bytes are on their way out.
    fn has_output(&self) -> bool {
        !self.out.is_empty() || self.unflushed
    }

    /// How long the service may do nothing, as things stand; `None` if it is not its turn.
    fn patience(&self) -> Option<Duration> {
        if self.credit <= 0 {
            // Who waits for its answer is slower than it is.
            return None;
        }
        if self.has_output() {
            return Some(self.times.send);
        }
        (self.exchange.is_awaited() || self.deaf).then_some(self.times.answer)
    }

    fn on_input(&mut self, input: Option<AdaptInput>, replay: &mut Replay) -> Result<(), Ended> {
        // The time until the next byte is the sender's.
        let is_idle = self.out.is_empty() && !self.exchange.is_awaited();
        if is_idle {
            self.moved = Instant::now();
        }
        match input {
            Some(AdaptInput::Data(bytes)) => {
                self.given += bytes.len() as u64;
                replay.keep(&bytes);
                self.exchange.push(bytes);
            }
            Some(AdaptInput::End) => {
                replay.ended = true;
                self.exchange.finish();
            }
            Some(AdaptInput::Credit(bytes)) => {
                if self.credit <= 0 {
                    self.moved = Instant::now();
                }
                self.credit = self.credit.saturating_add_unsigned(bytes);
            }
            Some(AdaptInput::Cancel) | None => return Err(Ended::Cancelled),
            Some(_) => {}
        }
        Ok(())
    }

    fn take_output(&mut self, replay: &mut Replay) {
        while let Some(bytes) = self.exchange.poll_output() {
            if !self.deaf {
                self.out_bytes += bytes.len();
                self.out.push_back(bytes);
            }
        }
        if self.exchange.is_past_preview() && !self.wanted {
            self.wanted = true;
            self.reports.say(AdaptReport::Wanted);
        }
        if self.out.is_empty() {
            let taken = self.given.saturating_sub(self.exchange.waiting_bytes() as u64);
            let more = taken.saturating_sub(replay.reported);
            if more > 0 {
                replay.reported = taken;
                self.reports.say(AdaptReport::Taken(more));
            }
        }
    }

    fn on_written(&mut self, mut written: usize) {
        self.moved = Instant::now();
        self.unflushed = written > 0;
        self.out_bytes = self.out_bytes.saturating_sub(written);
        while let Some(front) = self.out.front_mut() {
            if front.len() > written {
                front.advance(written);
                break;
            }
            written -= front.len();
            self.out.pop_front();
        }
    }

    /// Hands in what the service has said.
    fn report(&mut self) {
        while let Some(event) = self.exchange.poll_event() {
            let report = match event {
                Event::Unmodified => AdaptReport::Unmodified,
                Event::Partial => AdaptReport::Partial,
                Event::Original(from) => AdaptReport::Original(from),
                Event::Request(head) => AdaptReport::Request(Box::new(head)),
                Event::Response(head) => AdaptReport::Response(Box::new(head)),
                Event::Data(bytes) => {
                    self.credit -= i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                    AdaptReport::Data(bytes)
                }
                Event::End => AdaptReport::End,
                _ => continue,
            };
            if let AdaptReport::Data(_)
            | AdaptReport::End
            | AdaptReport::Original(_)
            | AdaptReport::Partial = report
            {
                self.reports.say(report);
                continue;
            }
            if let Some(told) = self.exchange.told() {
                let istag = String::from_utf8_lossy(&told.istag).into_owned();
                let finding = told.finding.clone();
                self.reports.say(AdaptReport::Told { istag, finding });
            }
            self.reports.say(report);
        }
    }
}

/// Writes of the first pieces what the socket takes, and says how much; once they are out, has those go
/// out that wait within TLS: 0.
async fn write(
    writer: &mut (impl AsyncWrite + Unpin),
    out: &VecDeque<Bytes>,
) -> std::io::Result<usize> {
    if out.is_empty() {
        return writer.flush().await.map(|()| 0);
    }
    let mut slices = [IoSlice::new(&[]); PIECES];
    let mut count = 0;
    for (slice, bytes) in slices.iter_mut().zip(out) {
        *slice = IoSlice::new(bytes);
        count += 1;
    }
    match writer.write_vectored(slices.get(..count).unwrap_or_default()).await {
        Ok(0) => Err(std::io::ErrorKind::WriteZero.into()),
        result => result,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Wake};

    use gateway_h1h2::icap::{Modify, Service};
    use gateway_h1h2::{BodySize, ResponseHead, StreamId};
    use gateway_proxy::transaction::Leg;
    use tokio::io::DuplexStream;
    use tokio::runtime::Builder;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// Whether somebody is to be polled.
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    /// Runs both until the first is done, or neither has anything to do: `None`.
    fn run<R>(first: impl Future<Output = R>, second: impl Future<Output = ()>) -> Option<R> {
        let (mut first, mut second) = (pin!(first), pin!(second));
        let wakers: [Arc<Woken>; 2] = std::array::from_fn(|_| Woken(AtomicBool::new(true)).into());
        let mut second_is_done = false;
        loop {
            let [one, other] = wakers.each_ref().map(|waker| waker.0.swap(false, Ordering::SeqCst));
            let [for_first, for_second] = wakers.each_ref().map(|waker| waker.clone().into());
            if !one && !other {
                return None;
            }
            if one
                && let Poll::Ready(result) =
                    first.as_mut().poll(&mut Context::from_waker(&for_first))
            {
                return Some(result);
            }
            if other && !second_is_done {
                let polled = second.as_mut().poll(&mut Context::from_waker(&for_second));
                second_is_done = polled.is_ready();
            }
        }
    }

    const HOUR: Duration = Duration::from_secs(3_600);
    const TIMES: Times = Times { connect: HOUR, send: HOUR, answer: HOUR };

    /// What a service answers: a message with a body of so many bytes in one chunk.
    fn answer(bytes: usize) -> Vec<u8> {
        let http = "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n";
        let head = format!(
            "ICAP/1.0 200 OK\r\nISTag: \"x\"\r\nEncapsulated: res-hdr=0, res-body={}\r\n\r\n{http}\
             {bytes:x}\r\n",
            http.len()
        );
        [head.as_bytes(), &vec![b'a'; bytes], b"\r\n0\r\n\r\n"].concat()
    }

    /// Reads nothing before all of its answer has been taken.
    async fn stubborn(mut stream: DuplexStream, answer: Vec<u8>) {
        stream.write_all(&answer).await.expect("it is read");
        std::future::pending::<()>().await;
    }

    /// Gives all `inputs` at once, and the sender's end never, to an exchange whose service answers
    /// with a body of `length` bytes; how the exchange ended, or `None` if it waits for ever, and how
    /// much of the answer was handed in.
    fn exchange(inputs: Vec<AdaptInput>, length: usize) -> (Option<Result<(), Ended>>, usize) {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _entered = runtime.enter();
        let mut head = ResponseHead::new(http::StatusCode::OK);
        head.body = BodySize::Unknown;
        let address = Service::parse("icap://icap.test/x").expect("an address");
        let offer = Exchange::respmod(&address, &Modify::default(), None, &head);
        let (to, mut reported) = unbounded_channel();
        let reports = Reports { of: (StreamId::new(0), Leg::Origin), to };
        let (given, mut taken) = unbounded_channel();
        for input in inputs {
            given.send(input).expect("it is open");
        }
        let (mut ours, theirs) = tokio::io::duplex(4 << 10);
        let mut running = Running::new(offer, &reports, TIMES);
        let mut replay = Replay::default();
        let ended =
            run(running.go(&mut ours, &mut taken, &mut replay), stubborn(theirs, answer(length)));
        let reports = std::iter::from_fn(|| reported.try_recv().ok());
        let handed_in = reports.map(|(_, _, report)| match report {
            AdaptReport::Data(bytes) => bytes.len(),
            _ => 0,
        });
        (ended, handed_in.sum())
    }

    #[test]
    fn credit_is_not_kept_waiting_by_a_body_that_the_service_does_not_take() {
        let ahead = usize::try_from(Adapter::AHEAD_BYTES_MAX).expect("it fits");
        // More of the body than is taken in ahead of the service, and behind it the credit.
        let piece = || AdaptInput::Data(vec![b'b'; OUT_BYTES_MAX / 2].into());
        let mut inputs: Vec<AdaptInput> = std::iter::repeat_with(piece).take(8).collect();
        inputs.push(AdaptInput::Credit(3 * Adapter::AHEAD_BYTES_MAX));
        assert_eq!(exchange(inputs, 3 * ahead), (Some(Ok(())), 3 * ahead));
    }

    #[test]
    fn without_credit_no_more_is_read_of_an_answer() {
        let ahead = usize::try_from(Adapter::AHEAD_BYTES_MAX).expect("it fits");
        let (ended, handed_in) = exchange(Vec::new(), 3 * ahead);
        assert_eq!(ended, None, "it waits");
        assert!((ahead..ahead + READ_BYTES).contains(&handed_in), "{handed_in}");
    }
}
