//! What the tags of markup mean for the text around them.

/// Elements that do not part the text they stand in, by local name: phrasing of HTML, runs of
/// Office Open XML, spans of OpenDocument, and what these put beside the text of a run.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "bookmark",
    "bookmarkend",
    "bookmarkstart",
    "cite",
    "code",
    "color",
    "commentrangeend",
    "commentrangestart",
    "cs",
    "del",
    "dfn",
    "dirty",
    "ea",
    "em",
    "endpararpr",
    "font",
    "highlight",
    "hyperlink",
    "hlinkclick",
    "i",
    "ics",
    "ins",
    "kbd",
    "lang",
    "lastrenderedpagebreak",
    "latin",
    "ln",
    "mark",
    "nobr",
    "nofill",
    "noproof",
    "permend",
    "permstart",
    "prooferr",
    "q",
    "r",
    "rfont",
    "rfonts",
    "rph",
    "rpr",
    "rstyle",
    "s",
    "samp",
    "scheme",
    "schemeclr",
    "sdt",
    "sdtcontent",
    "sdtpr",
    "shd",
    "small",
    "smarttag",
    "smarttagpr",
    "solidfill",
    "spacing",
    "span",
    "srgbclr",
    "strike",
    "strong",
    "sub",
    "sup",
    "sym",
    "sz",
    "szcs",
    "t",
    "tt",
    "u",
    "var",
    "vertalign",
    "w",
    "wbr",
    "bcs",
    "kern",
    "lum",
];

/// Attributes whose values are text that is shown or sent.
const SHOWN: &[&str] = &["alt", "content", "placeholder", "srcdoc", "title", "value"];

/// The longest name that matters.
pub(super) const NAME_BYTES_MAX: usize = 24;

/// A name without its prefix, in lower case.
pub(super) fn local(name: &[u8]) -> Vec<u8> {
    let local = name.rsplit(|b| *b == b':').next().unwrap_or(name);
    local.to_ascii_lowercase()
}

/// Whether the text on both sides of the tag is one. In OpenDocument `text:s` is a blank.
pub(super) fn is_inline(local: &[u8]) -> bool {
    INLINE.iter().any(|name| name.as_bytes() == local)
}

/// Whether the value of an attribute belongs to the text, by the name of the attribute.
pub(super) fn is_shown(attribute: &[u8]) -> bool {
    SHOWN.iter().any(|name| name.as_bytes() == attribute)
}
