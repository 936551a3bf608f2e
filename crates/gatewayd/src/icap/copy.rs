//! A service that gets a copy of a body, to say whether something is in it: what it makes of the message is
//! a verdict, and what it gives back is compared with what it was given and then dropped.
//!
//! What it names as found counts, whatever it does with the message. Where it names nothing, a message that
//! goes on as it was is clean; whether one that comes back otherwise is too is a setting.

use std::pin::pin;
use std::time::Instant;

use aws_lc_rs::digest::{Context, SHA256};
use gateway_h1h2::{RequestHead, ResponseHead};
use gateway_proxy::{AdaptInput, AdaptReport, Offer, ScanFailure, ScanInput, ScanReport, Verdict};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::exchange::Ended;
use super::service::{Purpose, Service};
use crate::config::Changed;
use crate::{icap, scanners};

/// What is found where the service names nothing, but gives back another body.
const CHANGED: &str = "changed";

impl Service {
    /// Has the service look at a copy, or until nobody waits for it any more.
    pub(crate) async fn scan(
        &self,
        mut inputs: UnboundedReceiver<ScanInput>,
        reports: scanners::Reports,
    ) {
        if !self.breaker.lets(Instant::now()) {
            let resting = Verdict::Failed(ScanFailure::Resting);
            return reports.say(ScanReport::Verdict(resting));
        }
        let verdict = match inputs.recv().await {
            Some(ScanInput::Message(offer)) => self.look(&offer, &mut inputs, &reports).await,
            Some(ScanInput::Cancel) | None => None,
            // Without a head there is nothing that could be offered.
            Some(_) => Some(Verdict::Failed(ScanFailure::Garbled)),
        };
        let Some(verdict) = verdict else { return };
        let failure = match &verdict {
            Verdict::Failed(failure) => Some(*failure),
            _ => None,
        };
        if matches!(failure, Some(ScanFailure::Unreachable | ScanFailure::TimedOut)) {
            self.forget().await;
        }
        self.breaker.note(failure, Instant::now());
        reports.say(ScanReport::Verdict(verdict));
    }

    /// `None` if nobody waits any more.
    async fn look(
        &self,
        offer: &Offer,
        inputs: &mut UnboundedReceiver<ScanInput>,
        reports: &scanners::Reports,
    ) -> Option<Verdict> {
        let (give, mut given) = unbounded_channel();
        let (to, mut says) = unbounded_channel();
        let adapting = icap::Reports { of: (reports.of.0, reports.of.1.leg), to };
        let mut exchange = pin!(self.attempt(offer, Purpose::Scan, &mut given, &adapting));
        let (mut is_over, mut look) = (false, Look::new(offer));
        loop {
            tokio::select! {
                biased;
                report = says.recv() => {
                    if let Some(bytes) = report.and_then(|(_, _, report)| look.hear(report)) {
                        // Who is not given credit does not go on.
                        let _ = give.send(AdaptInput::Credit(bytes));
                    }
                }
                ended = &mut exchange, if !is_over => {
                    is_over = true;
                    if let Err(Ended::Failed(failure)) = ended {
                        look.word.get_or_insert(Word::Failed(failure));
                    }
                }
                input = inputs.recv(), if !look.has_ended => match input {
                    Some(ScanInput::Data(bytes)) => {
                        look.was_given(&bytes);
                        let _ = give.send(AdaptInput::Data(bytes));
                    }
                    Some(ScanInput::End) => {
                        look.has_ended = true;
                        let _ = give.send(AdaptInput::End);
                    }
                    Some(_) | None => return None,
                },
            }
            if let Some(verdict) = look.verdict(self.changed) {
                return Some(verdict);
            }
            if is_over && look.has_ended && says.is_empty() {
                // Nothing comes any more that could make sense of what came.
                return Some(Verdict::Failed(ScanFailure::Garbled));
            }
            let taken = look.take_taken();
            if taken > 0 {
                reports.say(ScanReport::Taken(taken));
            }
        }
    }
}

/// What the service has said so far of what it was given so far.
struct Look<'a> {
    offer: &'a Offer,
    sent: Running,
    came: Running,
    /// All of the body was given.
    has_ended: bool,
    /// Bytes that the service has taken, and that were told.
    taken: u64,
    told: u64,
    /// What it has named.
    finding: Option<String>,
    /// The head that it gives back is another one, beyond its fields.
    head: Option<Head>,
    word: Option<Word>,
}

/// What the service has made of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Unmodified,
    Declined,
    /// It has given back a message, up to its end.
    Returned,
    Failed(ScanFailure),
}

/// What came back for a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Same,
    Other,
    /// A response in the place of a request, or of another status.
    Answer(u16),
}

/// Bytes, as far as is needed to tell whether others are the same.
struct Running {
    length: u64,
    digest: Context,
}

impl Running {
    fn new() -> Self {
        Self { length: 0, digest: Context::new(&SHA256) }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.digest.update(bytes);
    }

    fn is_same(&self, other: &Self) -> bool {
        let [one, other_one] = [self, other].map(|running| running.digest.clone().finish());
        self.length == other.length && one.as_ref() == other_one.as_ref()
    }
}

impl<'a> Look<'a> {
    fn new(offer: &'a Offer) -> Self {
        Self {
            offer,
            sent: Running::new(),
            came: Running::new(),
            has_ended: false,
            taken: 0,
            told: 0,
            finding: None,
            head: None,
            word: None,
        }
    }

    fn was_given(&mut self, bytes: &[u8]) {
        self.sent.add(bytes);
    }

    /// Takes in what the service says; the bytes of its answer that can be given back as credit.
    fn hear(&mut self, report: AdaptReport) -> Option<u64> {
        match report {
            AdaptReport::Taken(bytes) => self.taken += bytes,
            AdaptReport::Told { finding, .. } => self.finding = finding,
            AdaptReport::Unmodified => self.word = Some(Word::Unmodified),
            AdaptReport::Declined => self.word = Some(Word::Declined),
            AdaptReport::Failed(failure) => self.word = Some(Word::Failed(failure)),
            AdaptReport::Request(head) => self.head = Some(self.compare_request(&head)),
            AdaptReport::Response(head) => self.head = Some(self.compare_response(&head)),
            AdaptReport::Data(bytes) => {
                self.came.add(&bytes);
                return Some(bytes.len() as u64);
            }
            AdaptReport::End => self.word = Some(Word::Returned),
            // Not asked for of a copy: it could not be followed by the original.
            AdaptReport::Partial | AdaptReport::Original(_) => {
                self.word = Some(Word::Failed(ScanFailure::Garbled));
            }
            _ => {}
        }
        None
    }

    fn compare_request(&self, head: &RequestHead) -> Head {
        let offered = &self.offer.request;
        match head.method == offered.method && head.target == offered.target {
            true => Head::Same,
            false => Head::Other,
        }
    }

    fn compare_response(&self, head: &ResponseHead) -> Head {
        match &self.offer.response {
            Some(offered) if offered.status == head.status => Head::Same,
            Some(_) | None => Head::Answer(head.status.as_u16()),
        }
    }

    /// Bytes taken since this was last asked. Once the service has its word no more of them wait.
    fn take_taken(&mut self) -> u64 {
        let taken = if self.word.is_some() { self.sent.length } else { self.taken };
        let more = taken.saturating_sub(self.told);
        self.told += more;
        more
    }

    /// What it comes to, if that is known.
    fn verdict(&self, changed: Changed) -> Option<Verdict> {
        if let Some(name) = &self.finding {
            return Some(Verdict::Found(name.clone()));
        }
        let other = |name: String| match changed {
            Changed::Found => Some(Verdict::Found(name)),
            // It is clean, but not before all was there to be looked at.
            Changed::Clean => self.has_ended.then_some(Verdict::Clean),
        };
        match self.word? {
            Word::Failed(failure) => Some(Verdict::Failed(failure)),
            Word::Declined => Some(Verdict::Declined),
            Word::Unmodified => self.has_ended.then_some(Verdict::Clean),
            Word::Returned => match self.head? {
                Head::Answer(status) => other(format!("answered {status}")),
                Head::Other => other(CHANGED.to_owned()),
                Head::Same if !self.has_ended => None,
                Head::Same if self.came.is_same(&self.sent) => Some(Verdict::Clean),
                Head::Same => other(CHANGED.to_owned()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gateway_h1h2::Target;
    use gateway_proxy::Kept;
    use http::{Method, StatusCode};

    use super::*;

    fn request(target: &'static str) -> RequestHead {
        let target = Target::parse(&Method::POST, Bytes::from_static(target.as_bytes())).unwrap();
        RequestHead::new(Method::POST, target)
    }

    /// The verdict on the body "abc" when the service says this, told before the body ends and after it.
    fn check(
        status: Option<u16>,
        reports: &[AdaptReport],
        [early, late]: [Option<Verdict>; 2],
        changed: Changed,
    ) {
        let response = |status: u16| ResponseHead::new(StatusCode::from_u16(status).unwrap());
        let offer = Offer {
            adapter: 0,
            request: request("http://a.test/x"),
            response: status.map(response),
            client: None,
            kept: Kept::Whole,
        };
        let mut look = Look::new(&offer);
        look.was_given(b"ab");
        look.was_given(b"c");
        for report in reports {
            look.hear(report.clone());
        }
        assert_eq!(look.verdict(changed), early, "{reports:?}");
        look.has_ended = true;
        assert_eq!(look.verdict(changed), late, "{reports:?}");
    }

    #[test]
    fn what_a_service_says_is_a_verdict() {
        use AdaptReport::{Data, Declined, End, Failed, Request, Response, Told, Unmodified};
        let ok =
            |status| Response(Box::new(ResponseHead::new(StatusCode::from_u16(status).unwrap())));
        let back = |target| Request(Box::new(request(target)));
        let data = |text: &'static str| Data(Bytes::from_static(text.as_bytes()));
        let told =
            |finding: Option<&str>| Told { istag: "t".into(), finding: finding.map(str::to_owned) };
        let found = |name: &str| Some(Verdict::Found(name.to_owned()));
        let clean = [None, Some(Verdict::Clean)];
        let worm = [found("Worm"), found("Worm")];
        let changed = [None, found("changed")];
        for (status, reports, expected) in [
            (Some(200), vec![told(None), Unmodified], clean.clone()),
            // A name counts whatever becomes of the message.
            (Some(200), vec![told(Some("Worm")), Unmodified], worm.clone()),
            (Some(200), vec![told(Some("Worm")), ok(200)], worm.clone()),
            (None, vec![told(Some("Worm")), ok(403), data("no"), End], worm),
            // What comes back is the same, in whatever pieces.
            (Some(200), vec![told(None), ok(200), data("a"), data("bc"), End], clean.clone()),
            (None, vec![back("http://a.test/x"), data("abc"), End], clean),
            // Or it is not.
            (Some(200), vec![ok(200), data("abd"), End], changed.clone()),
            (Some(200), vec![ok(200), data("abcd"), End], changed.clone()),
            (Some(200), vec![ok(200), End], changed),
            (
                Some(200),
                vec![ok(403), data("abc"), End],
                [found("answered 403"), found("answered 403")],
            ),
            (None, vec![ok(403), End], [found("answered 403"), found("answered 403")]),
            (
                None,
                vec![back("http://a.test/y"), data("abc"), End],
                [found("changed"), found("changed")],
            ),
            (Some(200), vec![ok(200), data("ab")], [None, None]),
            (Some(200), vec![Declined], [Some(Verdict::Declined), Some(Verdict::Declined)]),
            (
                Some(200),
                vec![ok(200), Failed(ScanFailure::Broken)],
                [ScanFailure::Broken; 2].map(|failure| Some(Verdict::Failed(failure))),
            ),
        ] {
            check(status, &reports, expected, Changed::Found);
        }
        let clean = [None, Some(Verdict::Clean)];
        for reports in [vec![ok(403), data("no"), End], vec![ok(200), data("abd"), End]] {
            check(Some(200), &reports, clean.clone(), Changed::Clean);
        }
    }
}
