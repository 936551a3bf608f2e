//! Rules of YARA: any text is compiled or refused with its place, and what was compiled finds the same in
//! a small part however that comes.

/// The bytes are a source of rules.
pub fn yara_rules(data: &[u8]) {
    gateway_av::fuzzing::yara_rules(data);
}
