//! Whatever turns the bytes of one stream into those of the stream above it.

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::brotli::Brotli;
use super::deflate::Deflate;
use super::delimited::Delimited;
use super::gzip::Gzip;
use super::inflate::{Inflate, InflateState};
use super::remains::Remains;
use super::transform::Transform;
use super::zstd::Zstd;
use crate::trace::{Rest, Trace};
use crate::{Coding, Limits};

/// What one step of a decoder did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// More to come.
    More,
    /// The stream is over; what follows is not part of it.
    End,
    /// The input is not in this format at all; `held` bytes of the gzip magic were consumed
    /// before that showed.
    Foreign { held: usize },
    /// It cannot be decoded any further.
    Failed(Unscannable),
}

/// The way from a stream to the one unpacked from it.
pub(crate) enum Decoder {
    /// The bytes themselves, `left` more of them.
    Stored { left: u64 },
    /// A deflated member of an archive, of `left` more packed bytes where that is known.
    Member { inflate: Inflate, left: Option<u64> },
    /// A stored member of an archive, up to its descriptor.
    Delimited(Box<Delimited>),
    /// The members of a gzip file, behind the first header.
    GzipFile(Gzip),
    /// The content-coding `gzip`.
    GzipCoding(Gzip),
    /// The content-coding `deflate`.
    DeflateCoding(Deflate),
    /// The content-coding `br`.
    BrotliCoding(Brotli),
    /// The content-coding `zstd`, and what is a file of that.
    ZstdCoding(Zstd),
    /// Bytes that were gathered before, of a container whose index comes last.
    Held(Bytes),
    /// Any other.
    Other(Box<dyn Transform>),
}

impl Decoder {
    /// The decoder that takes `coding` off.
    pub(crate) fn of(coding: Coding, limits: &Limits) -> Self {
        match coding {
            Coding::Brotli => Self::BrotliCoding(Brotli::new(limits)),
            Coding::Deflate => Self::DeflateCoding(Deflate::new(limits)),
            Coding::Gzip => Self::GzipCoding(Gzip::new(limits)),
            Coding::Identity => Self::unbounded(),
            Coding::Zstd => Self::ZstdCoding(Zstd::new(limits)),
        }
    }

    /// Passes everything on.
    pub(crate) const fn unbounded() -> Self {
        Self::Stored { left: u64::MAX }
    }

    /// Whether its output is the input as it is, from the first byte on.
    pub(crate) fn copies(&self) -> bool {
        match self {
            Self::Stored { .. } | Self::Delimited(_) => true,
            Self::Other(other) => other.copies(),
            _ => false,
        }
    }

    /// Whether it produces bytes that were not there before.
    pub(crate) fn expands(&self) -> bool {
        match self {
            Self::Stored { .. } | Self::Delimited(_) | Self::Held(_) => false,
            Self::Other(other) => other.expands(),
            _ => true,
        }
    }

    /// Whether its output is the input as it is, of known length: taken, not run.
    pub(crate) const fn is_stored(&self) -> bool {
        matches!(self, Self::Stored { .. })
    }

    /// Whether its container says what the CRC-32 of the bytes is.
    pub(crate) fn is_checked(&self) -> bool {
        match self {
            Self::Stored { left } => *left != u64::MAX,
            Self::Member { .. } | Self::Delimited(_) => true,
            Self::Other(other) => other.is_checked(),
            Self::Held(_) => false,
            Self::GzipFile(_)
            | Self::GzipCoding(_)
            | Self::DeflateCoding(_)
            | Self::BrotliCoding(_)
            | Self::ZstdCoding(_) => false,
        }
    }

    /// How many more bytes it may take; `None` when that is for the format to say.
    pub(crate) const fn left(&self) -> Option<u64> {
        match self {
            Self::Stored { left } => Some(*left),
            Self::Member { left, .. } => *left,
            Self::Delimited(_)
            | Self::GzipFile(_)
            | Self::GzipCoding(_)
            | Self::DeflateCoding(_)
            | Self::BrotliCoding(_)
            | Self::ZstdCoding(_)
            | Self::Held(_)
            | Self::Other(_) => None,
        }
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) fn is_drained(&self) -> bool {
        match self {
            Self::Stored { .. } => true,
            Self::Delimited(delimited) => delimited.is_drained(),
            Self::Member { inflate, .. } => inflate.is_drained(),
            Self::GzipFile(gzip) | Self::GzipCoding(gzip) => gzip.is_drained(),
            Self::DeflateCoding(deflate) => deflate.is_drained(),
            Self::BrotliCoding(brotli) => brotli.is_drained(),
            Self::ZstdCoding(zstd) => Zstd::is_drained(zstd),
            // Even when it is empty the end has not been told.
            Self::Held(_) => false,
            Self::Other(other) => other.is_drained(),
        }
    }

    /// Instructions of a program that it may run from now on.
    pub(crate) fn allow(&mut self, steps: u64) {
        if let Self::Other(other) = self {
            other.allow(steps);
        }
    }

    /// Those that it has run.
    pub(crate) fn steps(&self) -> u64 {
        if let Self::Other(other) = self { other.steps() } else { 0 }
    }

    /// What decompression has cost so far, in bytes of output that take as long.
    pub(crate) fn work(&self) -> u64 {
        match self {
            Self::Stored { .. } | Self::Delimited(_) | Self::Held(_) => 0,
            Self::Other(other) => other.work(),
            Self::Member { inflate, .. } => inflate.work(),
            Self::GzipFile(gzip) | Self::GzipCoding(gzip) => gzip.work(),
            Self::DeflateCoding(deflate) => deflate.work(),
            Self::BrotliCoding(brotli) => brotli.work(),
            Self::ZstdCoding(zstd) => Zstd::work(zstd),
        }
    }

    /// Whether no byte that was taken may yet come out as it is: as what was held for the
    /// beginning of a gzip header, or of a descriptor.
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::GzipCoding(gzip) => gzip.is_recognized(),
            Self::Delimited(delimited) => delimited.is_settled(),
            Self::Stored { .. }
            | Self::Member { .. }
            | Self::GzipFile(_)
            | Self::DeflateCoding(_)
            | Self::BrotliCoding(_)
            | Self::ZstdCoding(_)
            | Self::Held(_) => true,
            Self::Other(other) => other.is_settled(),
        }
    }

    /// Bytes that were taken last and of which nothing can have come out.
    pub(crate) fn lag(&self) -> usize {
        match self {
            Self::Other(other) => other.lag(),
            _ => 0,
        }
    }

    /// The input has ended: appends what was under way, and says whether the format allows it to.
    pub(crate) fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        match self {
            Self::Stored { left: 0 | u64::MAX } => Ok(()),
            Self::Stored { .. } | Self::Member { .. } | Self::Delimited(_) => {
                Err(Unscannable::Malformed)
            }
            Self::GzipFile(gzip) | Self::GzipCoding(gzip) => gzip.finish(),
            Self::DeflateCoding(deflate) => deflate.finish(),
            Self::BrotliCoding(brotli) => brotli.finish(),
            Self::ZstdCoding(zstd) => Zstd::finish(zstd),
            Self::Held(_) => Ok(()),
            Self::Other(other) => other.finish(out),
        }
    }

    /// Takes the next step: consumes some of `input` and appends to `out` at most
    /// [`WINDOW`](super::inflate::WINDOW) bytes. Stored bytes are taken by
    /// [`take_stored`](Self::take_stored) instead.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        match self {
            Self::Stored { .. } | Self::Held(_) => (0, Decoded::End),
            Self::Member { inflate, left } => {
                let bound = left.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
                let inflated = inflate.run(input.get(..bound).unwrap_or(input), out);
                *left = left.map(|n| n.saturating_sub(inflated.consumed as u64));
                let decoded = match inflated.state {
                    InflateState::More if *left == Some(0) && inflate.is_drained() => {
                        Decoded::Failed(Unscannable::Malformed)
                    }
                    InflateState::More => Decoded::More,
                    InflateState::End => Decoded::End,
                    InflateState::Failed(reason) => Decoded::Failed(reason),
                };
                (inflated.consumed, decoded)
            }
            Self::Delimited(delimited) => delimited.run(input, out),
            Self::GzipFile(gzip) => gzip.run(input, out),
            Self::GzipCoding(gzip) => nothing_follows(gzip.run(input, out), input),
            Self::DeflateCoding(deflate) => nothing_follows(deflate.run(input, out), input),
            Self::BrotliCoding(brotli) => nothing_follows(brotli.run(input, out), input),
            Self::ZstdCoding(zstd) => Zstd::run(zstd, input, out),
            Self::Other(other) => other.run(input, out),
        }
    }

    /// The same, with what became of which byte noted in `trace`; `at` is where `input` begins in
    /// the stream below.
    pub(crate) fn run_traced(
        &mut self,
        trace: &mut Trace,
        at: u64,
        input: &[u8],
        out: &mut BytesMut,
    ) -> (usize, Decoded) {
        trace.run(at, input, out, |input, out| {
            let (used, decoded) = self.run(input, out);
            let is_over = self.is_drained() && self.is_settled();
            (used, decoded, if is_over { Rest::None } else { Rest::Some })
        })
    }

    /// Whether what goes in is text of which some can be overwritten without harm to its form.
    pub(crate) fn keeps_text(&self) -> bool {
        match self {
            Self::Other(other) => other.keeps_text(),
            _ => false,
        }
    }

    /// After the end: what a member that goes on from this one needs of it.
    pub(crate) fn remains(&mut self) -> Option<Remains> {
        match self {
            Self::Other(other) => other.remains(),
            Self::Stored { .. }
            | Self::Member { .. }
            | Self::Delimited(_)
            | Self::GzipFile(_)
            | Self::GzipCoding(_)
            | Self::DeflateCoding(_)
            | Self::BrotliCoding(_)
            | Self::ZstdCoding(_)
            | Self::Held(_) => None,
        }
    }

    /// After the end: bytes that were taken and are not part of the stream.
    pub(crate) fn unread(&self) -> &[u8] {
        match self {
            Self::Delimited(delimited) => delimited.unread(),
            Self::Stored { .. }
            | Self::Member { .. }
            | Self::GzipFile(_)
            | Self::GzipCoding(_)
            | Self::DeflateCoding(_)
            | Self::BrotliCoding(_)
            | Self::ZstdCoding(_)
            | Self::Held(_) => &[],
            Self::Other(other) => other.unread(),
        }
    }

    /// The same after the end of the input, once it is finished.
    pub(crate) fn rest(&self) -> &[u8] {
        match self {
            Self::Other(other) => other.rest(),
            _ => &[],
        }
    }

    /// Bytes that it may hold at the most, beyond what every one may.
    pub(crate) fn memory_max(&self) -> usize {
        match self {
            Self::Held(bytes) => bytes.len(),
            Self::Other(other) => other.memory_max(),
            _ => 0,
        }
    }

    /// Takes up to `n` bytes of a stored stream: how many may be taken, and whether it is over
    /// with them.
    pub(crate) fn take_stored(&mut self, n: usize) -> (usize, Decoded) {
        let Self::Stored { left } = self else { return (0, Decoded::More) };
        let n = usize::try_from(*left).map_or(n, |left| left.min(n));
        if *left != u64::MAX {
            *left -= n as u64;
        }
        (n, if *left == 0 { Decoded::End } else { Decoded::More })
    }
}

/// After the end of a coded body nothing may follow: some would show it, some not.
fn nothing_follows((consumed, decoded): (usize, Decoded), input: &[u8]) -> (usize, Decoded) {
    match decoded {
        Decoded::End if input.is_empty() => (consumed, Decoded::More),
        Decoded::End => (consumed, Decoded::Failed(Unscannable::Malformed)),
        Decoded::More | Decoded::Foreign { .. } | Decoded::Failed(_) => (consumed, decoded),
    }
}
