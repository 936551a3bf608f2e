//! The header of a message or of a part of one, as far as unpacking needs it.

use crate::declared::{Declared, Media, parameter};

/// How the body is encoded (RFC 2045, section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Transfer {
    /// As it is. uuencoded lines are found in the text.
    #[default]
    Identity,
    Base64,
    Quoted,
}

impl Transfer {
    /// Reads the value of the field; comments and quotes are left out.
    fn read(value: &[u8]) -> Self {
        let mut depth = 0u32;
        let mut word = Vec::new();
        for byte in value {
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b'"' | b' ' | b'\t' => {}
                byte if depth == 0 => word.push(byte.to_ascii_lowercase()),
                _ => {}
            }
        }
        match &*word {
            word if word.starts_with(b"base64") => Self::Base64,
            word if word.starts_with(b"quoted-printable") => Self::Quoted,
            _ => Self::Identity,
        }
    }
}

/// What a header says.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub(super) declared: Declared,
    pub(super) transfer: Transfer,
    /// Whether it tells of two encodings: then the body is looked at as it is, and what it encodes is
    /// found in it like in any text.
    pub(super) contradicts: bool,
    /// Whether it is a field of a form.
    pub(super) is_field: bool,
    /// Names of field and file, joined by `/`.
    pub(super) name: Vec<u8>,
}

impl Header {
    /// Reads the lines of a header.
    pub(super) fn read(lines: &[u8]) -> Self {
        let mut header = Self::default();
        let (mut field, mut file) = (None, None);
        let mut transfer = None;
        for line in unfolded(lines) {
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            match &*name.trim_ascii().to_ascii_lowercase() {
                b"content-type" => {
                    header.declared = Declared::read(value);
                    file = file.or_else(|| parameter(parameters(value), b"name"));
                }
                b"content-transfer-encoding" => {
                    let told = Transfer::read(value);
                    header.contradicts |= transfer.is_some_and(|before| before != told);
                    transfer = Some(told);
                }
                b"content-disposition" => {
                    header.is_field = value.to_ascii_lowercase().starts_with(b"form-data");
                    field = parameter(parameters(value), b"name").filter(|_| header.is_field);
                    file = parameter(parameters(value), b"filename").or(file);
                }
                _ => {}
            }
        }
        header.transfer = transfer.filter(|_| !header.contradicts).unwrap_or_default();
        let names: Vec<Vec<u8>> = [field, file].into_iter().flatten().collect();
        header.name = names.join(&b'/');
        header
    }

    /// Whether the body is a multipart of its own.
    pub(super) fn is_multipart(&self) -> bool {
        self.declared.media == Media::Multipart
    }
}

/// What stands behind the first `;`.
fn parameters(value: &[u8]) -> &[u8] {
    value.iter().position(|b| *b == b';').and_then(|at| value.get(at..)).unwrap_or_default()
}

/// The lines, each with those that continue it.
fn unfolded(lines: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for line in lines.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.first(), all.last_mut()) {
            (Some(b' ' | b'\t'), Some(last)) => last.extend_from_slice(line),
            _ => all.push(line.to_vec()),
        }
    }
    all
}

/// Whether a line may begin a header: a name and a colon.
pub(super) fn is_field_line(line: &[u8]) -> bool {
    let name = line.iter().take_while(|b| b.is_ascii_graphic() && **b != b':').count();
    name > 0 && line.get(name..).unwrap_or_default().trim_ascii_start().first() == Some(&b':')
}
