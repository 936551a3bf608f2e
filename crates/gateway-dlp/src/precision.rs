//! What a profile makes of the findings of its entries before it counts them: plain data. Nothing
//! is checked before [`DlpBuilder::build`](crate::DlpBuilder::build).

use gateway_inspect::Confidence;

/// The most bytes before or behind a finding that a profile may look at.
pub(crate) const AROUND_MAX: usize = 4_096;

/// How a profile tells what it counts. The default counts every finding as it is.
///
/// Where it looks behind findings, they are decided, and held back, that many bytes later.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Keywords near a finding that make it surer.
    pub proximity: Option<Proximity>,
    /// What makes a finding more or less sure, or takes it out, in this order and behind
    /// `proximity`.
    pub adjust: Vec<Adjustment>,
    /// Values that are not counted.
    pub exclude: Vec<Exclusion>,
    /// Findings that are less sure are not counted. Default low: all are.
    pub confidence_min: Confidence,
    /// Bits of entropy for each character that a finding must have more than.
    pub entropy_above: Option<f64>,
    /// Whether equal values count again.
    pub instances: Instances,
}

impl Default for Precision {
    fn default() -> Self {
        Self {
            proximity: None,
            adjust: Vec::new(),
            exclude: Vec::new(),
            confidence_min: Confidence::Low,
            entropy_above: None,
            instances: Instances::All,
        }
    }
}

/// Keywords near a finding. One makes it one step surer, two different ones make it high.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proximity {
    /// The keywords: whole words or phrases, in any case. None stands for those that detectors
    /// bring; an entry that brings none stays as it is then.
    pub keywords: Vec<String>,
    /// Bytes before a finding. Default 300, at most 4,096.
    pub before_bytes: usize,
    /// Bytes behind it. Default 100, at most 4,096.
    pub after_bytes: usize,
}

impl Default for Proximity {
    fn default() -> Self {
        Self { keywords: Vec::new(), before_bytes: 300, after_bytes: 100 }
    }
}

/// What changes how sure a finding is, when a pattern matches near it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The pattern, in the syntax of [`RegexEntry`](crate::RegexEntry). It is looked for before the
    /// finding and behind it, not in it.
    pub pattern: String,
    /// Bytes before a finding; at most 4,096.
    pub before_bytes: usize,
    /// Bytes behind it; at most 4,096.
    pub after_bytes: usize,
    /// What it does.
    pub change: Change,
}

/// What an adjustment does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// So many steps surer.
    Raise(u8),
    /// So many steps less sure.
    Lower(u8),
    /// As sure as this.
    Set(Confidence),
    /// It is not counted.
    Exclude,
}

/// Values that are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// Those that are one of these words, in any case.
    Words(Vec<String>),
    /// Those in which this pattern matches.
    Regex(String),
}

/// Whether equal values count again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instances {
    /// They do.
    #[default]
    All,
    /// Of one entry, only different values of one part count, in any case and without what is
    /// neither letter nor digit. The first 4,096 values of a part are remembered.
    Different,
}

/// So many steps from `confidence`: up where `steps` is positive.
pub(crate) const fn step(confidence: Confidence, steps: i32) -> Confidence {
    let level = match confidence {
        Confidence::Low => 0,
        Confidence::Medium => 1,
        Confidence::High => 2,
    };
    match level + steps {
        ..=0 => Confidence::Low,
        1 => Confidence::Medium,
        2.. => Confidence::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_at_both_ends() {
        use Confidence::{High, Low, Medium};
        for (from, steps, to) in [
            (Low, 1, Medium),
            (Low, 2, High),
            (Medium, 0, Medium),
            (High, 1, High),
            (High, -1, Medium),
            (Low, -3, Low),
        ] {
            assert_eq!(step(from, steps), to);
        }
    }
}
