//! The scheme: which fields there are, their types, and in which phases they can be known.
//!
//! A scheme holds no values; those are [`Facts`](crate::Facts).

pub(crate) mod gateway;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::phase::PhaseSet;
use crate::value::Type;

/// The number of a field in its scheme; meaningless in another scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub(crate) u16);

impl FieldId {
    /// The position of the field in [`Scheme::fields`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Whether a connection may lack the field altogether.
///
/// Both kinds evaluate alike when missing; the distinction is for the reader of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Every connection that reaches the field's phases has it.
    Mandatory,
    /// A connection may be without it.
    Optional,
    /// Nothing here gives it a value; it is there so that rules which name it are read, and
    /// [warned of](crate::Problem::NeverKnown).
    Foreign,
    /// No fact, but `upload` or `download`: a rule that names it is asked of each body apart, by
    /// the fields of that body.
    BodyPhase,
}

/// One field of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    name: String,
    ty: Type,
    phases: PhaseSet,
    presence: Presence,
    doc: String,
}

impl Field {
    /// The dotted name, such as `http.request.host`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of its value.
    #[must_use]
    pub const fn ty(&self) -> &Type {
        &self.ty
    }

    /// The phases that contribute to it: it is settled when all of them are closed.
    #[must_use]
    pub const fn phases(&self) -> PhaseSet {
        self.phases
    }

    /// Whether it may be absent.
    #[must_use]
    pub const fn presence(&self) -> Presence {
        self.presence
    }

    /// One sentence on what it holds.
    #[must_use]
    pub fn doc(&self) -> &str {
        &self.doc
    }
}

/// Why a scheme cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemeError {
    /// Names are words of letters, digits and `_`, joined by single dots, not beginning with a digit.
    #[error("`{name}` is not a field name")]
    Name {
        /// The name given.
        name: String,
    },
    /// A word of the language cannot be a field.
    #[error("`{name}` is a word of the language")]
    Reserved {
        /// The name given.
        name: String,
    },
    /// Two fields have the same name.
    #[error("the field `{name}` is declared twice")]
    Duplicate {
        /// The name given.
        name: String,
    },
    /// A field that no phase contributes to could never be known.
    #[error("the field `{name}` has no phase")]
    NoPhase {
        /// The name of the field.
        name: String,
    },
    /// A type is nested deeper than [`Scheme::TYPE_DEPTH_MAX`].
    #[error("the type of `{name}` is nested too deeply")]
    TypeDepth {
        /// The name of the field.
        name: String,
    },
    /// There are more than [`Scheme::FIELDS_MAX`] fields.
    #[error("a scheme holds at most {} fields", Scheme::FIELDS_MAX)]
    TooManyFields,
}

/// Collects the fields of a [`Scheme`].
#[derive(Clone, Debug, Default)]
pub struct SchemeBuilder {
    fields: Vec<Field>,
}

impl SchemeBuilder {
    /// A builder without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mandatory field; `doc` is one sentence for catalogs.
    #[must_use]
    pub fn field(self, name: &str, ty: Type, phases: PhaseSet, doc: &str) -> Self {
        self.push(name, ty, phases, Presence::Mandatory, doc)
    }

    /// Adds a field that a connection may be without.
    #[must_use]
    pub fn optional_field(self, name: &str, ty: Type, phases: PhaseSet, doc: &str) -> Self {
        self.push(name, ty, phases, Presence::Optional, doc)
    }

    /// Adds a field that rules may name though nothing gives it a value; `doc` says what to use
    /// instead.
    #[must_use]
    pub fn foreign_field(self, name: &str, ty: Type, phases: PhaseSet, doc: &str) -> Self {
        self.push(name, ty, phases, Presence::Foreign, doc)
    }

    /// Adds the field by which rules ask of one body alone; a scheme has one at most.
    #[must_use]
    pub fn body_phase_field(self, name: &str, phases: PhaseSet, doc: &str) -> Self {
        self.push(name, Type::Bytes, phases, Presence::BodyPhase, doc)
    }

    fn push(
        mut self,
        name: &str,
        ty: Type,
        phases: PhaseSet,
        presence: Presence,
        doc: &str,
    ) -> Self {
        self.fields.push(Field { name: name.into(), ty, phases, presence, doc: doc.into() });
        self
    }

    /// The scheme of the fields added, numbered in the order of their addition.
    ///
    /// # Errors
    /// [`SchemeError`] names the first field that cannot stand.
    pub fn build(self) -> Result<Arc<Scheme>, SchemeError> {
        let mut by_name = BTreeMap::new();
        for (index, field) in self.fields.iter().enumerate() {
            let name = || field.name.clone();
            let id = u16::try_from(index).map_err(|_| SchemeError::TooManyFields)?;
            if index >= Scheme::FIELDS_MAX {
                return Err(SchemeError::TooManyFields);
            }
            if !is_field_name(&field.name) {
                return Err(SchemeError::Name { name: name() });
            }
            if crate::parse::is_reserved(&field.name) {
                return Err(SchemeError::Reserved { name: name() });
            }
            if field.phases.is_empty() {
                return Err(SchemeError::NoPhase { name: name() });
            }
            let nesting = std::iter::successors(Some(&field.ty), |ty| ty.element()).count();
            if nesting > Scheme::TYPE_DEPTH_MAX {
                return Err(SchemeError::TypeDepth { name: name() });
            }
            if by_name.insert(name(), FieldId(id)).is_some() {
                return Err(SchemeError::Duplicate { name: name() });
            }
        }
        let mut ids = (0..).map(FieldId).zip(&self.fields);
        let body_phase = ids.find(|(_, field)| field.presence == Presence::BodyPhase);
        let body_phase = body_phase.map(|(id, _)| id);
        Ok(Arc::new(Scheme { fields: self.fields, by_name, body_phase }))
    }
}

pub(crate) fn is_field_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.split('.').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
}

/// An immutable set of fields, shared by filters, rule sets and facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme {
    fields: Vec<Field>,
    by_name: BTreeMap<String, FieldId>,
    /// The field that says which body is looked at.
    body_phase: Option<FieldId>,
}

impl Scheme {
    /// The most fields that a scheme holds.
    pub const FIELDS_MAX: usize = 4096;
    /// The most levels of a type: `Array<Array<Bytes>>` has three.
    pub const TYPE_DEPTH_MAX: usize = 8;

    /// The fields that the gateway knows; their numbers are the constants of [`field`](crate::field).
    #[must_use]
    pub fn gateway() -> Arc<Self> {
        gateway::scheme()
    }

    /// The number of the field called `name`.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<FieldId> {
        self.by_name.get(name).copied()
    }

    /// The field of this number; `None` if the number is of a larger scheme.
    #[must_use]
    pub fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.get(id.index())
    }

    /// Every field, in the order of their numbers.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (FieldId, &Field)> {
        self.fields.iter().enumerate().map(|(index, field)| {
            // The builder keeps the count below FIELDS_MAX, so the number always fits.
            (FieldId(u16::try_from(index).unwrap_or(u16::MAX)), field)
        })
    }

    /// The field that says which body is looked at, if there is one.
    pub(crate) const fn body_phase(&self) -> Option<FieldId> {
        self.body_phase
    }

    /// The phases of a field; empty for a number of another scheme.
    pub(crate) fn phases(&self, id: FieldId) -> PhaseSet {
        self.field(id).map_or(PhaseSet::EMPTY, Field::phases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::Phase;

    fn check(names: &[&str]) -> Result<(), SchemeError> {
        let phases = PhaseSet::of(&[Phase::Connect]);
        let builder = names
            .iter()
            .fold(SchemeBuilder::new(), |b, name| b.field(name, Type::Int, phases, "A number."));
        builder.build().map(drop)
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(check(&["a", "a.b_1", "Z9"]), Ok(()));
        for bad in ["", ".", "a..b", "a.", ".a", "a-b", "a b", "ä", "1a"] {
            assert_eq!(check(&[bad]), Err(SchemeError::Name { name: bad.into() }));
        }
        assert_eq!(check(&["a", "a"]), Err(SchemeError::Duplicate { name: "a".into() }));
        assert_eq!(check(&["not"]), Err(SchemeError::Reserved { name: "not".into() }));
    }

    #[test]
    fn sizes_are_bounded() {
        let mut ty = Type::Int;
        for _ in 0..Scheme::TYPE_DEPTH_MAX {
            ty = Type::Array(Box::new(ty));
        }
        let phases = PhaseSet::of(&[Phase::Connect]);
        let deep = SchemeBuilder::new().field("deep", ty, phases, "Deep.").build();
        assert_eq!(deep, Err(SchemeError::TypeDepth { name: "deep".into() }));
        let names: Vec<String> = (0..=Scheme::FIELDS_MAX).map(|n| format!("f{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(check(&names), Err(SchemeError::TooManyFields));
        assert_eq!(check(&names[1..]), Ok(()));
    }

    #[test]
    fn fields_are_found_by_name_and_number() {
        let scheme = Scheme::gateway();
        for (id, field) in scheme.fields() {
            assert_eq!(scheme.id(field.name()), Some(id));
            assert_eq!(scheme.field(id), Some(field));
        }
        assert_eq!(scheme.id("nothing"), None);
        assert_eq!(scheme.field(FieldId(u16::MAX)), None);
    }
}
