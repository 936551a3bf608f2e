//! Rule files of other scanners: any text is read or refused, and what is read builds a scanner.

use gateway_dlp::rule_file::RuleFile;
use gateway_dlp::{DlpBuilder, Limits};

/// Rules take time to build.
const BYTES_MAX: usize = 4 << 10;

/// The bytes are a rule file.
pub fn dlp_rule_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) else { return };
    let Ok(file) = RuleFile::parse(text) else { return };
    if file.ids().count() == 0 {
        return;
    }
    // An id that a detector has, or that is none, is told when all entries are there.
    let builder = file.add_to(DlpBuilder::new()).profile(file.profile("rules"));
    let built = builder.build(&Limits::default());
    assert!(built.is_ok(), "{built:?}");
}
