//! An HTTP body of an asynchronous server, scanned on its way: what has been cleared goes on at
//! once, and a body in which something is found breaks off before it.
//!
//! `cargo run -p gateway-examples --example scan_async_body`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig};
use gateway_inspect::*;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};

/// Bytes that are held at the most.
const HELD_BYTES_MAX: u64 = 1 << 20;

/// The body `inner`, of which nothing leaves that the scanner has not cleared.
struct Scanned<B> {
    inner: B,
    chain: Chain,
    found: Findings,
    hold: Hold,
    ended: bool,
}

impl<B> Scanned<B> {
    fn new(inner: B, dlp: &Dlp) -> Self {
        let part = Part::root(PartKind::Unknown, None);
        Self {
            inner,
            chain: Chain::new(dlp.open(&part, &Wanted::all()), &Default::default()),
            found: Findings::new(1),
            hold: Hold::new(HoldPolicy::Pass, None, HELD_BYTES_MAX),
            ended: false,
        }
    }

    /// Takes the next bytes in, or the end; an error if they must not go on.
    fn take(&mut self, next: Option<Bytes>) -> Result<(), Box<dyn Error + Send + Sync>> {
        match next {
            Some(bytes) if bytes.len() as u64 > self.hold.room() => {
                return Err("too much waits to be cleared".into());
            }
            Some(bytes) => {
                let clearance = self.chain.push(&bytes, &mut self.found);
                self.hold.admit(bytes);
                self.hold.allow(&Permit { clearance, decided_to: Offset::MAX, held_ms: 0 });
            }
            None => {
                self.chain.finish(&mut self.found);
                self.ended = true;
            }
        }
        if let Some(finding) = self.found.as_slice().first() {
            self.hold.discard();
            return Err(format!("{} must not leave", finding.entry.name).into());
        }
        if self.ended {
            self.hold.open();
        }
        Ok(())
    }
}

impl<B> Body for Scanned<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        loop {
            if let Some(bytes) = self.hold.pop() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(context)).transpose();
            let taken = match frame.map_err(Into::into) {
                Err(error) => Err(error),
                Ok(None) => self.take(None),
                // Trailers would go on behind the last data; here they do not.
                Ok(Some(frame)) => frame.into_data().map_or(Ok(()), |data| self.take(Some(data))),
            };
            if let Err(error) = taken {
                self.ended = true;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let profile = ProfileConfig::new("cards", ["payment_card"]);
    let dlp = DlpBuilder::new().profile(profile).build(&Limits::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for text in ["Nothing to hide.", "Paid with 4111 1111 1111 1111."] {
        let body = Scanned::new(Full::from(text), &dlp);
        match runtime.block_on(body.collect()) {
            Ok(whole) => println!("went on: {} bytes", whole.to_bytes().len()),
            Err(error) => println!("broke off: {error}"),
        }
    }
    Ok(())
}

/// A body that comes in pieces of 5 bytes.
#[cfg(test)]
struct Pieces(&'static [u8]);

#[cfg(test)]
impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let (piece, rest) = self.0.split_at(self.0.len().min(5));
        self.0 = rest;
        let frame = Frame::data(Bytes::from_static(piece));
        Poll::Ready((!frame.data_ref().is_some_and(Bytes::is_empty)).then_some(Ok(frame)))
    }
}

#[test]
fn nothing_of_a_number_leaves() {
    let profile = ProfileConfig::new("cards", ["payment_card"]);
    let dlp = DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap();
    let mut context = Context::from_waker(std::task::Waker::noop());
    let mut went_on = |body: &'static [u8]| {
        let mut body = Scanned::new(Pieces(body), &dlp);
        let mut bytes = Vec::new();
        loop {
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(frame))) => bytes.extend(frame.into_data().unwrap()),
                Poll::Ready(Some(Err(error))) => return (bytes, error.to_string()),
                Poll::Ready(None) => return (bytes, String::new()),
                Poll::Pending => unreachable!("a body in memory"),
            }
        }
    };
    let (bytes, error) = went_on(b"Paid with 4111 1111 1111 1111, to nobody.");
    assert!(b"Paid with ".starts_with(&bytes), "{bytes:?}");
    assert_eq!(error, "Payment card number must not leave");
    let text = b"Paid with 4111 1111 1111 1112, to nobody.";
    assert_eq!(went_on(text), (text.to_vec(), String::new()));
}
