//! What a part is, and which walk it gets, by its first bytes and by what was declared of it.

use gateway_inspect::PartKind;

use crate::Limits;
use crate::archive::Walker;
use crate::archive::alz::Alz;
use crate::archive::ar::Ar;
use crate::archive::arj::Arj;
use crate::archive::bare::Bare;
use crate::archive::binary::BinaryWalk;
use crate::archive::cpio::CpioWalk;
use crate::archive::egg::Egg;
use crate::archive::fat;
use crate::archive::gzip::GzipWalk;
use crate::archive::headed::{Headed, HeadedWalk};
use crate::archive::install_shield::Cabinet;
use crate::archive::lzh::Lzh;
use crate::archive::mach_o::{Universal, is_universal};
use crate::archive::partitions;
use crate::archive::rar::Rar;
use crate::archive::rpm::Rpm;
use crate::archive::single::{self, SingleWalk};
use crate::archive::swf::{self, Swf};
use crate::archive::szdd::Szdd;
use crate::archive::volume::FileSystem;
use crate::declared::{Declared, Media};
use crate::document::gathered::{Format, Gathered};
use crate::document::hangul::Hwp3;
use crate::document::ole1::Ole1Walk;
use crate::level::{Begun, Node, is_text};
use crate::mail::tnef::Tnef;
use crate::mail::walk::MimeWalk;
use crate::sniff::{Ended, Sniff, sniff};
use crate::text::cells::Cells;
use crate::text::walk::TextWalk;

/// The walk through a part of `kind` that begins with `first`; through the `layers` of texts too.
pub(super) fn walker(
    kind: PartKind,
    first: &[u8],
    declared: &Declared,
    layers: bool,
    limits: &Limits,
) -> Walker {
    let is_text = is_text(kind);
    match (kind, declared.media) {
        (PartKind::Alz, _) => headed(Box::new(Alz::default()), limits),
        (PartKind::Ar, _) => headed(Box::new(Ar::default()), limits),
        (PartKind::Arj, _) => headed(Box::new(Arj::default()), limits),
        (PartKind::Egg, _) => headed(Box::new(Egg::default()), limits),
        (PartKind::Hwp, _) => headed(Box::new(Hwp3::default()), limits),
        (PartKind::InstallShield, _) => headed(Box::new(Cabinet::default()), limits),
        (PartKind::Lzh, _) => headed(Box::new(Lzh), limits),
        (PartKind::MachO, _) if is_universal(first) => {
            headed(Box::new(Universal::default()), limits)
        }
        (PartKind::Swf, _) if swf::is_packed(first) => headed(Box::new(Swf::default()), limits),
        (PartKind::Szdd, _) => headed(Box::new(Szdd::default()), limits),
        (PartKind::Tnef, _) => headed(Box::new(Tnef::default()), limits),
        (PartKind::Cpio, _) => Walker::Cpio(Box::new(CpioWalk::new(limits))),
        (PartKind::Gzip, _) => Walker::Gzip(GzipWalk::new(limits)),
        (PartKind::Chm, _) => Walker::Gathered(Box::new(Gathered::new(Format::Chm, limits))),
        (PartKind::Rpm, _) => headed(Box::new(Rpm::default()), limits),
        (PartKind::Rar, _) => headed(Box::new(Rar::default()), limits),
        (PartKind::Ole, _) => Walker::Gathered(Box::new(Gathered::new(Format::Cfb, limits))),
        (PartKind::Cab, _) => Walker::Gathered(Box::new(Gathered::new(Format::Cab, limits))),
        (PartKind::SevenZip, _) => {
            Walker::Gathered(Box::new(Gathered::new(Format::SevenZip, limits)))
        }
        (PartKind::Wim, _) => Walker::Gathered(Box::new(Gathered::new(Format::Wim, limits))),
        (PartKind::Xar, _) => Walker::Gathered(Box::new(Gathered::new(Format::Xar, limits))),
        (PartKind::Pdf, _) => Walker::Gathered(Box::new(Gathered::new(Format::Pdf, limits))),
        (PartKind::OleObject, _) => Walker::Ole1(Box::new(Ole1Walk::new(limits))),
        (PartKind::Zip, _) => Walker::Binary(Box::new(BinaryWalk::of_zip(limits))),
        (_, Media::Multipart) if is_text => {
            Walker::Mime(Box::new(MimeWalk::multipart(&declared.boundary, limits)))
        }
        (PartKind::Mail, _) => Walker::Mime(Box::new(MimeWalk::message(limits))),
        (_, Media::Mail) if is_text => Walker::Mime(Box::new(MimeWalk::message(limits))),
        (PartKind::Unknown, _) if layers && Cells::are_told_by(first) => {
            Walker::Text(Box::new(TextWalk::new(kind, first, declared, limits)))
        }
        (PartKind::Unknown, _) if declared.charset.is_none() => {
            Walker::Binary(Box::new(BinaryWalk::new(kind, limits)))
        }
        _ if is_text && layers => {
            Walker::Text(Box::new(TextWalk::new(kind, first, declared, limits)))
        }
        _ => match single::member(kind, limits) {
            Some(member) => Walker::Single(SingleWalk::new(member, limits)),
            None => Walker::Binary(Box::new(BinaryWalk::new(kind, limits))),
        },
    }
}

/// What a part is that begins with `first`. Code and documents have many a signature of a few bytes written in
/// digits: a guess with no more than that is no archive.
pub(super) fn tell(declared: &Declared, first: &[u8], ended: Ended) -> Sniff {
    const ARCHIVE_BYTES_MIN: usize = 32;
    let told = sniff(first, ended);
    let is_short = declared.is_guess && first.len() < ARCHIVE_BYTES_MIN;
    match (told, ended) {
        (Sniff::Kind(kind), _) if !is_short || is_text(kind) => told,
        (Sniff::Kind(_), Ended::Yes) => Sniff::Kind(PartKind::Unknown),
        (Sniff::Need | Sniff::Kind(_), _) => Sniff::Need,
    }
}

/// What a file of `kind`, which begins with `first`, is on a second look. How far it has been walked through by
/// then depends on the pieces.
pub(super) fn begins(kind: PartKind, first: &[u8], limits: &Limits) -> Option<Begun> {
    match kind {
        PartKind::Tar => Some(Begun::Tar(first.to_vec())),
        PartKind::Unknown if fat::is_volume(first) => {
            Some(Begun::Volume(FileSystem::Fat, first.to_vec()))
        }
        PartKind::Unknown if partitions::is_disk(first) => Some(Begun::Disk(first.to_vec())),
        PartKind::Unknown => {
            let bare = Bare::tell(kind, first, Ended::No, limits)?;
            Some(Begun::Bare(bare, first.to_vec()))
        }
        _ => None,
    }
}

/// Whether nothing has begun so far in the part that is walked through.
pub(super) fn is_plain(walker: &Walker) -> bool {
    matches!(walker, Walker::Binary(_) | Walker::Text(_))
}

/// The same of a part that is no more than that.
pub(super) fn short(node: &Node, whole: &[u8], limits: &Limits) -> Option<Bare> {
    let is_plain = node.members == 0 && is_plain(&node.walker);
    if is_plain { Bare::tell(node.part.kind, whole, Ended::Yes, limits) } else { None }
}

fn headed(format: Box<dyn Headed>, limits: &Limits) -> Walker {
    Walker::Headed(Box::new(HeadedWalk::new(format, 0, limits)))
}
