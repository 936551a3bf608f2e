//! What is being inspected: one node of the tree that a body unpacks into.

use std::fmt;

use crate::Offset;

/// Names a part within its body; the body itself is [`PartId::ROOT`]. Ids grow in the order in
/// which parts are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(u32);

impl PartId {
    /// The body as it came, its content-codings taken off.
    pub const ROOT: Self = Self(0);

    /// The part number `index` of its body.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// Position in the order in which the parts of the body were met.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// One part: the body, a member of an archive, a file of a form.
///
/// Sizes are what the container *declares*; they may be lies and are hints only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Its name within the body.
    pub id: PartId,
    /// The part that it was unpacked from.
    pub parent: Option<PartId>,
    /// Path through the containers, such as `zip:a.docx/word/document.xml`; empty for the root.
    /// Comes from the sender: escape it before it is shown.
    pub name: String,
    /// The type that its first bytes show.
    pub kind: PartKind,
    /// Containers above it; 0 for the root.
    pub depth: u8,
    /// Declared size in bytes, unpacked.
    pub size: Option<u64>,
    /// Declared size in bytes, packed.
    pub packed_size: Option<u64>,
    /// Whether the container declares it encrypted.
    pub encrypted: bool,
    /// Whether the message declares its body to be an image, audio or video, and does not offer it as
    /// a file; of the root alone. A hint: the sender may lie.
    pub declared_media: bool,
    /// Whether it is its parent once more in a plainer form: without markup, without escapes, in
    /// UTF-8. What stands in both was found twice, and is one.
    pub view: bool,
    /// Where in its parent its bytes stand, if they are the same bytes: what is found in both was found
    /// twice, and is one.
    pub copied_at: Option<Offset>,
    /// Position among the members of its container, from 0.
    pub position: u32,
    /// The container that it is a member of; `None` for the root.
    pub container: Option<Container>,
    /// The types of all containers that it is in.
    pub containers: Containers,
    /// Index in [`name`](Self::name) at which what its container adds to it begins.
    own_name_at: usize,
}

/// What is known of the container of a part when the part begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its type; unknown for text, which is known for text only at its end.
    pub kind: PartKind,
    /// Its size in bytes, where that is declared.
    pub size: Option<u64>,
}

impl Container {
    fn of(part: &Part) -> Self {
        let kind = if part.kind == PartKind::Text { PartKind::Unknown } else { part.kind };
        Self { kind, size: part.size }
    }
}

/// The types of the containers that a part is in, the nearest one first; unknown for text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Containers {
    kinds: [PartKind; Self::MAX],
    len: usize,
}

impl Containers {
    /// How many are told; what is further out is forgotten.
    pub const MAX: usize = 16;

    /// Their types, the nearest one first.
    #[must_use]
    pub fn kinds(&self) -> &[PartKind] {
        self.kinds.get(..self.len).unwrap_or(&self.kinds)
    }

    /// These, in them one of type `kind`.
    #[must_use]
    pub fn within(mut self, kind: PartKind) -> Self {
        self.kinds.rotate_right(1);
        if let Some(nearest) = self.kinds.first_mut() {
            *nearest = kind;
        }
        self.len = (self.len + 1).min(Self::MAX);
        self
    }
}

impl Part {
    /// The body itself.
    #[must_use]
    pub fn root(kind: PartKind, size: Option<u64>) -> Self {
        Self { kind, size, ..Self::default() }
    }

    /// A member of `parent`: named `name`, the `position`-th of its container.
    #[must_use]
    pub fn member(id: PartId, parent: &Self, name: String, position: u32) -> Self {
        let container = Container::of(parent);
        Self {
            id,
            parent: Some(parent.id),
            name,
            depth: parent.depth.saturating_add(1),
            position,
            container: Some(container),
            containers: parent.containers.within(container.kind),
            own_name_at: parent.name.len(),
            ..Self::default()
        }
    }

    /// Makes it the content of `of` in another form: what contains the one contains the other.
    pub fn become_view_of(&mut self, of: &Self) {
        (self.view, self.container, self.containers) = (true, of.container, of.containers);
    }

    /// The name that its container has for it, such as `word/document.xml`: its path without the
    /// containers. Comes from the sender: escape it before it is shown.
    #[must_use]
    pub fn own_name(&self) -> &str {
        let own = self.name.get(self.own_name_at..).unwrap_or(&self.name);
        own.split_once(':').map_or(own, |(_, name)| name)
    }
}

/// Declares [`PartKind`] and its names from one table.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal / $media_type:literal,)*) => {
        /// File types that are told apart by their first bytes. The names are those of
        /// Cloudflare Gateway's file type selectors where it has one.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum PartKind {
            /// No signature fits.
            #[default]
            Unknown,
            $($(#[$doc])* $variant,)*
        }

        impl PartKind {
            /// All kinds but [`PartKind::Unknown`].
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that rules and records use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Unknown => "unknown",
                    $(Self::$variant => $name,)*
                }
            }

            /// The media type, such as `application/zip`.
            #[must_use]
            pub const fn media_type(self) -> &'static str {
                match self {
                    Self::Unknown => "application/octet-stream",
                    $(Self::$variant => $media_type,)*
                }
            }
        }
    };
}

kinds! {
    /// ALZ archive.
    Alz = "alz" / "application/x-alz",
    /// Archive of `ar`, and with that a package of Debian.
    Ar = "ar" / "application/x-archive",
    /// ARJ archive.
    Arj = "arj" / "application/x-arj",
    /// A Macintosh file in BinHex 4.
    BinHex = "hqx" / "application/mac-binhex40",
    /// bzip2.
    Bzip2 = "bz2" / "application/x-bzip2",
    /// Microsoft Cabinet.
    Cab = "cab" / "application/vnd.ms-cab-compressed",
    /// Help file of Windows.
    Chm = "chm" / "application/vnd.ms-htmlhelp",
    /// File of `compress`.
    Compress = "z" / "application/x-compress",
    /// cpio archive.
    Cpio = "cpio" / "application/x-cpio",
    /// Android Dalvik executable.
    Dex = "dex" / "application/vnd.android.dex",
    /// EGG archive.
    Egg = "egg" / "application/x-egg",
    /// Executable and Linkable Format.
    Elf = "elf" / "application/x-elf",
    /// GIF image.
    Gif = "gif" / "image/gif",
    /// gzip (RFC 1952).
    Gzip = "gz" / "application/gzip",
    /// HTML text.
    Html = "html" / "text/html",
    /// Document of Hangul of version 3; those of version 5 are [`Ole`](Self::Ole).
    Hwp = "hwp" / "application/x-hwp",
    /// Cabinet of InstallShield.
    InstallShield = "iscab" / "application/x-installshield",
    /// Java class file.
    JavaClass = "class" / "application/java-vm",
    /// JPEG image.
    Jpeg = "jpg" / "image/jpeg",
    /// JSON text.
    Json = "json" / "application/json",
    /// LZ4.
    Lz4 = "lz4" / "application/x-lz4",
    /// lzip.
    Lzip = "lz" / "application/lzip",
    /// LZMA.
    Lzma = "lzma" / "application/x-lzma",
    /// LHA archive.
    Lzh = "lzh" / "application/x-lzh-compressed",
    /// Mach-O executable.
    MachO = "macho" / "application/x-mach-binary",
    /// A mail, or a file of many.
    Mail = "eml" / "message/rfc822",
    /// Object of OLE 1.0, as RTF has them.
    OleObject = "oleobject" / "application/x-oleobject",
    /// Compound File Binary: legacy Office documents, MSI.
    Ole = "ole" / "application/x-ole-storage",
    /// Notes of OneNote.
    OneNote = "one" / "application/onenote",
    /// Portable Document Format.
    Pdf = "pdf" / "application/pdf",
    /// PNG image.
    Png = "png" / "image/png",
    /// Portable Executable: Windows programs and libraries.
    Pe = "exe" / "application/vnd.microsoft.portable-executable",
    /// RAR archive.
    Rar = "rar" / "application/vnd.rar",
    /// RPM package.
    Rpm = "rpm" / "application/x-rpm",
    /// Rich Text Format.
    Rtf = "rtf" / "application/rtf",
    /// A script that names its interpreter.
    Script = "script" / "text/x-script",
    /// 7-Zip archive.
    SevenZip = "7z" / "application/x-7z-compressed",
    /// Movie of Adobe Flash, packed or not.
    Swf = "swf" / "application/x-shockwave-flash",
    /// File of Microsoft's `compress.exe`.
    Szdd = "szdd" / "application/x-ms-compress-szdd",
    /// tar archive.
    Tar = "tar" / "application/x-tar",
    /// Text in no more special form.
    Text = "text" / "text/plain",
    /// `winmail.dat` of Outlook.
    Tnef = "tnef" / "application/vnd.ms-tnef",
    /// WebAssembly module.
    Wasm = "wasm" / "application/wasm",
    /// WebP image.
    WebP = "webp" / "image/webp",
    /// Image of Windows.
    Wim = "wim" / "application/x-ms-wim",
    /// XAR archive, and with that a package of macOS.
    Xar = "xar" / "application/x-xar",
    /// XML text.
    Xml = "xml" / "application/xml",
    /// xz.
    Xz = "xz" / "application/x-xz",
    /// ZIP archive, and what is built on it.
    Zip = "zip" / "application/zip",
    /// zlib (RFC 1950).
    Zlib = "zlib" / "application/zlib",
    /// Zstandard.
    Zstd = "zst" / "application/zstd",
}

impl fmt::Display for PartKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_told_from_the_nearest_one_on() {
        let mut part = Part::root(PartKind::Gzip, None);
        assert_eq!(part.containers.kinds(), []);
        let kinds = [PartKind::Tar, PartKind::Zip, PartKind::Text];
        for (kind, position) in kinds.into_iter().zip(0..) {
            part = Part::member(PartId::new(position + 1), &part, String::new(), position);
            part.kind = kind;
        }
        let known = [PartKind::Zip, PartKind::Tar, PartKind::Gzip];
        assert_eq!(part.containers.kinds(), known);
        let mut view = Part::member(PartId::new(9), &part, String::new(), 0);
        assert_eq!(view.containers.kinds(), [&[PartKind::Unknown][..], &known].concat());
        view.become_view_of(&part);
        assert_eq!(view.containers, part.containers);
        for _ in 0..40 {
            view = Part::member(PartId::new(9), &part, String::new(), 0);
            part = view.clone();
        }
        assert_eq!(view.containers.kinds().len(), Containers::MAX);
    }
}
