//! The text of pages: the strings that their content shows (ISO 32000-1, section 9.4), in order.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Pdf;
use super::font::Font;
use super::syntax::{Parser, Value};

/// Text of one file, at the most.
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Operands of one operator.
const OPERANDS_MAX: usize = 64;
/// How far resources are looked for in the nodes above a page.
const PARENTS_MAX: usize = 16;
/// What a name of a font costs, in bytes that are read in the same time.
const NAME_COST: usize = 16;
/// In thousandths of an em: a gap in a line that stands for a blank.
const GAP: f64 = -180.0;

/// The text of all pages and forms.
pub(super) fn text(file: &Pdf) -> String {
    let mut reader =
        Reader { file, fonts: BTreeMap::new(), maps: BTreeMap::new(), text: String::new() };
    for number in file.objects.keys().copied() {
        if reader.text.len() > TEXT_BYTES_MAX {
            break;
        }
        let (object, span) = file.object(number);
        if object.name("Type") == Some(b"Page") {
            reader.page(&object);
        } else if let (Some(b"Form"), Some((from, to))) = (object.name("Subtype"), span) {
            let content = file.unpacked(&object, from, to).unwrap_or_default();
            let resources = object.get("Resources").map(|r| file.resolved(r).into_owned());
            let resources = resources.unwrap_or_default();
            reader.content(&content, &resources);
        }
    }
    reader.text
}

/// Where an image ends whose data begin at `from`: behind an `EI` that stands alone, if there is one.
fn image_end(content: &[u8], from: usize) -> Option<usize> {
    let rest = content.get(from..).unwrap_or_default();
    let is_blank = |at: Option<usize>| {
        at.and_then(|at| rest.get(at)).is_none_or(|b| b.is_ascii_whitespace() || *b == 0)
    };
    let ends = memchr::memmem::find_iter(rest, b"EI");
    let alone = { ends }.find(|at| is_blank(at.checked_sub(1)) && is_blank(Some(at + 2)));
    alone.map(|at| from + at + 2)
}

struct Reader<'a> {
    file: &'a Pdf,
    /// By the number of their object.
    fonts: BTreeMap<u32, Rc<Font>>,
    /// The same of ToUnicode maps.
    maps: BTreeMap<u32, Font>,
    text: String,
}

impl Reader<'_> {
    fn page(&mut self, page: &Value) {
        let resources = self.resources(page);
        let parts = match page.get("Contents") {
            Some(Value::Array(parts)) => parts.clone(),
            Some(reference) => match self.file.resolved(reference).into_owned() {
                Value::Array(parts) => parts,
                _ => vec![reference.clone()],
            },
            None => return,
        };
        let mut content = Vec::new();
        for part in parts {
            let Value::Reference(number) = part else { continue };
            if let (object, Some((from, to))) = self.file.object(number) {
                content
                    .extend_from_slice(&self.file.unpacked(&object, from, to).unwrap_or_default());
                content.push(b'\n');
            }
            if content.len() > super::UNPACKED_MAX {
                break;
            }
        }
        self.content(&content, &resources);
    }

    /// The resources of a page, or of the first node above that has any.
    fn resources(&self, page: &Value) -> Value {
        let mut node = page.clone();
        for _ in 0..PARENTS_MAX {
            if let Some(resources) = node.get("Resources") {
                return self.file.resolved(resources).into_owned();
            }
            let Some(parent) = node.get("Parent") else { break };
            node = self.file.resolved(parent).into_owned();
        }
        Value::Null
    }

    /// The fonts of these resources, by their names.
    fn named_fonts(&self, resources: &Value) -> BTreeMap<Vec<u8>, Value> {
        let fonts = resources.get("Font").map(|fonts| self.file.resolved(fonts).into_owned());
        let Some(Value::Dictionary(entries)) = fonts else { return BTreeMap::new() };
        self.file.allowance.spend(entries.len() * NAME_COST);
        // Of those with one name the first counts.
        entries.into_iter().rev().collect()
    }

    fn font(&mut self, value: &Value) -> Rc<Font> {
        if let Value::Reference(number) = value
            && let Some(font) = self.fonts.get(number)
        {
            return Rc::clone(font);
        }
        let dictionary = self.file.resolved(value);
        let is_composite = dictionary.name("Subtype") == Some(b"Type0");
        let mut font = match dictionary.get("ToUnicode") {
            Some(Value::Reference(map)) => self.map(*map).unwrap_or_else(|| Font::plain(1)),
            _ => Font::plain(1),
        };
        if is_composite {
            font.width = 2;
        }
        let font = Rc::new(font);
        if let Value::Reference(number) = value {
            self.fonts.insert(*number, Rc::clone(&font));
        }
        font
    }

    /// A font by its ToUnicode map, which is read but once for all fonts that have it.
    fn map(&mut self, number: u32) -> Option<Font> {
        if let Some(font) = self.maps.get(&number) {
            return Some(font.clone());
        }
        let (object, Some((from, to))) = self.file.object(number) else { return None };
        let font = Font::read(&self.file.unpacked(&object, from, to).unwrap_or_default());
        self.file.allowance.spend(font.cost());
        self.maps.insert(number, font.clone());
        Some(font)
    }

    fn content(&mut self, content: &[u8], resources: &Value) {
        let mut parser = Parser::new(content, 0);
        let mut operands: Vec<Value> = Vec::new();
        let mut font = Rc::<Font>::default();
        let mut fonts = None;
        let (mut line, mut images_end) = (0.0, true);
        while !parser.is_at_end() && self.text.len() <= TEXT_BYTES_MAX {
            let value = parser.value();
            let Value::Keyword(operator) = &value else {
                if operands.len() < OPERANDS_MAX {
                    operands.push(value);
                }
                continue;
            };
            match operator.bytes() {
                b"Tf" => {
                    if let Some(Value::Name(name)) = operands.first() {
                        let fonts = fonts.get_or_insert_with(|| self.named_fonts(resources));
                        let named = fonts.get(name);
                        font = named.map_or_else(Rc::default, |value| self.font(value));
                    }
                }
                b"Tj" => self.show(&font, &operands),
                b"'" | b"\"" => {
                    self.part('\n');
                    self.show(&font, &operands);
                }
                b"TJ" => {
                    if let Some(Value::Array(values)) = operands.first() {
                        self.show(&font, values);
                    }
                }
                // What an image in the midst of it has is no text, whatever its brackets.
                b"ID" if images_end => match image_end(content, parser.at()) {
                    Some(end) => parser = Parser::new(content, end),
                    // Nor has any behind it.
                    None => images_end = false,
                },
                b"T*" | b"ET" => self.part('\n'),
                b"Td" | b"TD" => {
                    let down = operands.get(1).and_then(Value::number).unwrap_or(0.0);
                    self.part(if down == 0.0 { ' ' } else { '\n' });
                }
                b"Tm" => {
                    let at = operands.get(5).and_then(Value::number).unwrap_or(0.0);
                    self.part(if at == line { ' ' } else { '\n' });
                    line = at;
                }
                _ => {}
            }
            operands.clear();
        }
        self.part('\n');
    }

    fn show(&mut self, font: &Font, values: &[Value]) {
        for value in values {
            match value {
                Value::Text(codes) => font.show(codes, TEXT_BYTES_MAX, &mut self.text),
                gap if gap.number().is_some_and(|gap| gap < GAP) => self.part(' '),
                _ => {}
            }
        }
    }

    /// Parts what was shown from what follows.
    fn part(&mut self, with: char) {
        match self.text.chars().last() {
            None | Some('\n') => {}
            Some(' ') if with == ' ' => {}
            Some(_) => self.text.push(with),
        }
    }
}
