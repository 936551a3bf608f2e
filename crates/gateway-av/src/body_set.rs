//! All body and logical signatures, by number.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use bytes::Bytes;

use crate::anchor::Anchor;
use crate::counting::Member;
use crate::heads::Heads;
use crate::hex_body::Link;
use crate::image::{Input, Packed, Stored, stored_enum, stored_struct};
use crate::literal::Keys;
use crate::logical::Logical;
use crate::segment::Segment;
use crate::target::Target;
use crate::tier::Tier;

/// Whose body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A signature that is this body, by its id: the first match is reported.
    Signature(u32),
    /// A member of a logical signature: matches are counted.
    Member(Member),
    /// A group that macros name, and the id of its signature.
    Group { group: u8, signature: u32 },
}

/// A body, to be put into a set.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) target: Target,
    pub(crate) owner: Owner,
    pub(crate) anchor: Anchor,
    /// At least one.
    pub(crate) links: Vec<Link>,
}

/// A segment with its place in its body.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) segment: Segment,
    pub(crate) target: Target,
    /// The number of its body in the set.
    pub(crate) chain: u32,
    pub(crate) owner: Owner,
    /// How many segments come before it in the body.
    pub(crate) index: u32,
    /// `None` for anywhere, as most may.
    anchor: Option<Box<Anchor>>,
    /// One more than the bytes at least between it and the next segment.
    gap: Option<NonZeroU64>,
}

impl Placed {
    /// Where it may begin; segments after the first one may begin anywhere behind the one before.
    pub(crate) fn anchor(&self) -> Anchor {
        self.anchor.as_deref().copied().unwrap_or(Anchor::ANYWHERE)
    }

    /// Bytes at least between it and the next segment; `None` for the last one.
    pub(crate) fn gap_min(&self) -> Option<u64> {
        self.gap.map(|gap| gap.get() - 1)
    }
}

/// The bodies of all targets while they are loaded. Segments go by number, and so do logical
/// signatures.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyList {
    pub(crate) segments: Vec<Placed>,
    pub(crate) logicals: Vec<Logical>,
    /// Signatures that are not in force, by id.
    pub(crate) ignored: BTreeSet<u32>,
    /// How many bodies there are.
    chains: u32,
}

/// The bodies of all targets, as they are searched for. Numbers are those of the list.
#[derive(Debug, Default)]
pub(crate) struct BodySet {
    pub(crate) segments: Packed<Placed>,
    pub(crate) logicals: Packed<Logical>,
    /// By segment.
    pub(crate) keys: Keys,
    /// What finds segments of all targets.
    pub(crate) tiers: Vec<Tier>,
    /// Last segments that are held while they are under way, by how they begin: those whose
    /// literal is near their beginning, those with a literal further on, and those that count from
    /// the end.
    pub(crate) beginnings: [Heads; 3],
}

/// How much a set holds at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    segments: usize,
    logicals: usize,
    chains: u32,
}

impl BodyList {
    /// Takes in a body.
    pub(crate) fn push(&mut self, chain: Chain) {
        let Chain { target, owner, anchor, links } = chain;
        let chain = self.chains;
        self.chains += 1;
        let mut links = links.into_iter().peekable();
        let mut index = 0;
        while let Some(Link { segment, .. }) = links.next() {
            let gap = links.peek().map(|next| next.gap_min.saturating_add(1));
            let gap = gap.and_then(NonZeroU64::new);
            let is_bound = index == 0 && anchor != Anchor::ANYWHERE;
            let anchor = is_bound.then(|| Box::new(anchor));
            self.segments.push(Placed { segment, target, chain, owner, index, anchor, gap });
            index += 1;
        }
    }

    /// Whether the signature of a body is in force.
    pub(crate) fn is_in_force(&self, owner: Owner) -> bool {
        let signature = match owner {
            Owner::Signature(signature) | Owner::Group { signature, .. } => Some(signature),
            Owner::Member(of) => self.logicals.get(of.logical as usize).map(|one| one.signature),
        };
        signature.is_some_and(|signature| !self.ignored.contains(&signature))
    }

    /// How much it holds now.
    pub(crate) fn extent(&self) -> Extent {
        let (segments, logicals) = (self.segments.len(), self.logicals.len());
        Extent { segments, logicals, chains: self.chains }
    }

    /// Forgets what was taken in since it held that much.
    pub(crate) fn truncate(&mut self, to: Extent) {
        self.segments.truncate(to.segments);
        self.logicals.truncate(to.logicals);
        self.chains = to.chains;
    }
}

impl BodySet {
    /// Writes it: to `bulk` but for what tells where all of it is there.
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.segments.store(out, bulk);
        self.logicals.store(out, bulk);
        self.keys.store(out, bulk);
        self.tiers.len().store(out);
        self.tiers.iter().for_each(|tier| tier.store(out, bulk));
        self.beginnings.iter().for_each(|heads| heads.store(out, bulk));
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let segments = Packed::load(input, bulk)?;
        let logicals = Packed::load(input, bulk)?;
        let keys = Keys::load(input, bulk)?;
        let mut tiers = Vec::new();
        for _ in 0..usize::load(input)? {
            tiers.push(Tier::load(input, bulk)?);
        }
        let mut heads = || Heads::load(input, bulk);
        let beginnings = [heads()?, heads()?, heads()?];
        Some(Self { segments, logicals, keys, tiers, beginnings })
    }
}

stored_enum!(Owner { 0 => Signature(id), 1 => Member(of), 2 => Group { group, signature } });
stored_struct!(Placed { segment, target, chain, owner, index, anchor, gap });
