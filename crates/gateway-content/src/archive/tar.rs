//! A tar archive: v7, ustar, GNU and pax (POSIX.1-2017, `pax`), walked header by header. Sparse files get
//! their holes back.

use gateway_inspect::Unscannable;

use super::tar_sparse::Holes;
use super::{Member, MemberEnd, Walked, Walker};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::sparse::Sparse;
use crate::inbox::Inbox;
use crate::text::walk::TextWalk;

/// Size of a header, and of what data are padded to.
pub(crate) const BLOCK: usize = 512;

/// Longest name that is read, and longest list of attributes. What is behind that in a list might tell
/// another size.
const LONG_BYTES_MAX: usize = 64 << 10;
const ATTRIBUTES_BYTES_MAX: usize = 256 << 10;

/// The walk.
pub(crate) struct TarWalk {
    state: State,
    head: Vec<u8>,
    /// The name that the next header is to have.
    long_name: Option<Vec<u8>>,
    /// The size that the next header is to have.
    long_size: Option<u64>,
    /// The holes that the next member has.
    holes: Option<Holes>,
    /// The member that blocks about holes come before: its name and length.
    sparse: Option<(Vec<u8>, u64)>,
    /// Whether an empty block was met, with which it ends.
    ended: bool,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Padding.
    Skip {
        left: u64,
    },
    Header,
    /// The data of a header that tells something about the next one.
    Long {
        left: u64,
        padding: u64,
        kind: u8,
    },
    Member {
        packed: u64,
        padding: u64,
    },
    /// Blocks about holes.
    Holes,
}

/// Whether a block is a header: whether its checksum fits, as one of signed or unsigned bytes.
pub(crate) fn is_header(block: &[u8]) -> bool {
    let Some(given) = block.get(148..156).and_then(number) else { return false };
    let Some(block) = block.first_chunk::<BLOCK>() else { return false };
    let each = |(i, byte): (usize, &u8)| if (148..156).contains(&i) { b' ' } else { *byte };
    let unsigned: u64 = block.iter().enumerate().map(each).map(u64::from).sum();
    let signed: i64 = block.iter().enumerate().map(each).map(|b| i64::from(b.cast_signed())).sum();
    let named = block.first().is_some_and(|b| *b != 0);
    named && (given == unsigned || i64::try_from(given) == Ok(signed))
}

impl TarWalk {
    /// A walk through an archive, behind its first header.
    pub(crate) fn new(header: &[u8], limits: &Limits) -> Self {
        Self {
            state: State::Header,
            head: header.to_vec(),
            long_name: None,
            long_size: None,
            holes: None,
            sparse: None,
            ended: false,
            failed: None,
            limits: limits.clone(),
        }
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    /// The part is over: an archive may end without the two empty blocks, but not within a member.
    pub(crate) fn end(&mut self) {
        let padding = self.ended && self.head.iter().all(|b| *b == 0);
        if self.state != State::Header || !(self.head.is_empty() || padding) {
            self.fail(Unscannable::Malformed);
        }
    }

    fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        if let State::Member { packed, padding } = self.state {
            self.skip(packed.saturating_sub(end.packed).saturating_add(padding));
        }
    }

    fn skip(&mut self, left: u64) {
        self.state = if left == 0 { State::Header } else { State::Skip { left } };
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        match self.state {
            State::Skip { left } => {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(inbox.front().len());
                inbox.advance(n);
                self.skip(left - n as u64);
                Walked::On
            }
            // Its data are taken by its decoder; none is left here.
            State::Member { padding, .. } => {
                self.skip(padding);
                Walked::On
            }
            State::Long { left, padding, kind } => {
                self.gather_long(inbox, left, padding, kind);
                Walked::On
            }
            State::Header => match self.gather_block(inbox) {
                Some(head) => self.read(&head, inbox),
                None => Walked::On,
            },
            State::Holes => {
                let Some(block) = self.gather_block(inbox) else { return Walked::On };
                let goes_on = self.holes.as_mut().is_some_and(|holes| holes.read(&block));
                if goes_on {
                    return Walked::On;
                }
                let (name, packed) = self.sparse.take().unwrap_or_default();
                self.open(name, packed)
            }
        }
    }

    /// The next block, once all of it has come.
    fn gather_block(&mut self, inbox: &mut Inbox) -> Option<Vec<u8>> {
        let n = BLOCK.saturating_sub(self.head.len()).min(inbox.front().len());
        self.head.extend_from_slice(inbox.front().get(..n).unwrap_or_default());
        inbox.advance(n);
        (self.head.len() == BLOCK).then(|| std::mem::take(&mut self.head))
    }

    fn gather_long(&mut self, inbox: &mut Inbox, left: u64, padding: u64, kind: u8) {
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(inbox.front().len());
        let is_list = matches!(kind, b'x' | b'X');
        let bytes_max = if is_list { ATTRIBUTES_BYTES_MAX } else { LONG_BYTES_MAX };
        let keep = n.min(bytes_max.saturating_sub(self.head.len()));
        if is_list && keep < n {
            self.fail(Unscannable::TooLarge);
        }
        self.head.extend_from_slice(inbox.front().get(..keep).unwrap_or_default());
        inbox.advance(n);
        let left = left - n as u64;
        if left > 0 {
            self.state = State::Long { left, padding, kind };
            return;
        }
        let long = std::mem::take(&mut self.head);
        match kind {
            b'L' => self.long_name = Some(until_zero(&long).to_vec()),
            b'x' | b'X' => {
                self.long_name = attribute(&long, b"path").or_else(|| self.long_name.take());
                let size = attribute(&long, b"size");
                self.long_size =
                    size.and_then(|size| std::str::from_utf8(&size).ok()?.parse().ok());
                if let Some((holes, name)) = Holes::of_attributes(&long) {
                    self.long_name = name.or_else(|| self.long_name.take());
                    self.holes = Some(holes);
                }
            }
            _ => {}
        }
        self.state = State::Skip { left: padding };
    }

    fn read(&mut self, head: &[u8], inbox: &mut Inbox) -> Walked {
        if head.iter().all(|b| *b == 0) {
            // The end; some pad with more of them, and some append another archive.
            self.ended = true;
            return Walked::On;
        }
        if !is_header(head) {
            if !self.ended {
                self.failed = Some(Unscannable::Malformed);
            }
            inbox.unread(head);
            return Walked::Become(Box::new(Walker::Text(Box::new(TextWalk::plain(&self.limits)))));
        }
        let kind = head.get(156).copied().unwrap_or(0);
        let given = head.get(124..136).and_then(number).unwrap_or(0);
        let packed = self.long_size.take().unwrap_or(given);
        let padding = (BLOCK as u64 - packed % BLOCK as u64) % BLOCK as u64;
        match kind {
            b'L' | b'K' | b'x' | b'X' | b'g' => {
                self.long_size = None;
                self.state = State::Long { left: packed, padding, kind };
                if packed == 0 {
                    self.state = State::Header;
                }
                return Walked::On;
            }
            // Links, devices and folders have no data, whatever is said of their size.
            b'1'..=b'6' => {
                (self.long_name, self.holes) = (None, None);
                return Walked::On;
            }
            _ => {}
        }
        let name = self.long_name.take().unwrap_or_else(|| name(head));
        if kind == b'S' {
            let (holes, goes_on) = Holes::of_header(head);
            self.holes = Some(holes);
            if goes_on {
                (self.state, self.sparse) = (State::Holes, Some((name, packed)));
                return Walked::On;
            }
        }
        self.open(name, packed)
    }

    /// A member, of which so many bytes are there.
    fn open(&mut self, name: Vec<u8>, packed: u64) -> Walked {
        let padding = (BLOCK as u64 - packed % BLOCK as u64) % BLOCK as u64;
        self.state = State::Member { packed, padding };
        let (mut size, mut decoder) = (packed, Ok(Decoder::Stored { left: packed }));
        if let Some(holes) = self.holes.take() {
            decoder = holes.map().and_then(|(of_file, map)| {
                size = of_file;
                let sparse = Sparse::new(map, packed, of_file, &self.limits)?;
                Ok(Decoder::Other(Box::new(sparse)))
            });
        }
        Walked::from(Some(Member {
            size: Some(size),
            packed_size: Some(packed),
            decoder,
            ..Member::stream("tar", name, Decoder::Stored { left: 0 })
        }))
    }
}

/// The name of a header, its prefix in front.
fn name(head: &[u8]) -> Vec<u8> {
    let field = |from: usize, to: usize| until_zero(head.get(from..to).unwrap_or_default());
    let (name, prefix) = (field(0, 100), field(345, 500));
    if head.get(257..263) == Some(b"ustar\0") && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

/// A number: octal digits, or base 256 where its first bit is set.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        let start = u64::from(first & 0x3f);
        return Some(rest.iter().fold(start, |sum, b| sum << 8 | u64::from(*b)));
    }
    let digits = until_zero(field).trim_ascii();
    let octal = digits.iter().all(|b| (b'0'..=b'7').contains(b)) && !digits.is_empty();
    octal.then(|| digits.iter().fold(0, |sum, b| sum << 3 | u64::from(b - b'0')))
}

/// The value of an attribute of pax: records `length name=value\n`.
fn attribute(list: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    records(list).find(|(of, _)| *of == name).map(|(_, value)| value.to_vec())
}

/// The attributes of a list in their order, up to one that makes no sense.
pub(super) fn records(list: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let blank = rest.iter().position(|b| *b == b' ')?;
        let len: usize = std::str::from_utf8(rest.get(..blank)?).ok()?.parse().ok()?;
        let record = rest.get(blank + 1..len)?;
        rest = rest.get(len..)?;
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let equals = record.iter().position(|b| *b == b'=')?;
        Some((record.get(..equals)?, record.get(equals + 1..)?))
    })
}
