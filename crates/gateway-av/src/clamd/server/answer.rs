//! What the daemon answers, as a value and as the lines of clamd's protocol; neither the number of the
//! command, which stands before each line in a session, nor what ends one.

use bytes::Bytes;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// All was looked at, and nothing was found.
    Clean,
    /// This was found; a space or a control character in it becomes `_`.
    Found(String),
    /// It could not be looked at, and why.
    Failed(String),
    /// Lines about files, each with the name first, of which one may have more than one; the last
    /// one ends the answer.
    Lines(Vec<(Bytes, Self)>),
    /// To [`Ask::Stats`](super::Ask::Stats): scans that run, scans that there may be, and waiting ones.
    Stats {
        /// Scans that run.
        running: u64,
        /// Scans that there may be at a time.
        running_max: u64,
        /// Those that wait for a turn.
        waiting: u64,
    },
}

impl Answer {
    /// Gives each line of the answer to what was asked of `name`.
    pub(super) fn write(&self, name: &[u8], mut line: impl FnMut(&[u8])) {
        match self {
            Self::Lines(lines) if lines.is_empty() => line(&Self::Clean.verdict(name)),
            Self::Lines(lines) => {
                for (name, answer) in lines {
                    line(&answer.verdict(name));
                }
            }
            Self::Stats { running, running_max, waiting } => {
                let text = format!(
                    "POOLS: 1\n\nSTATE: VALID PRIMARY\nTHREADS: live {running}  idle 0 max {running_max} \
                     idle-timeout 30\nQUEUE: {waiting} items\n\tSTATS 0.000000\n\nEND"
                );
                line(text.as_bytes());
            }
            Self::Clean | Self::Found(_) | Self::Failed(_) => line(&self.verdict(name)),
        }
    }

    /// The line that says what `name` was found to be.
    fn verdict(&self, name: &[u8]) -> Vec<u8> {
        let what = match self {
            Self::Clean | Self::Lines(_) | Self::Stats { .. } => "OK".to_owned(),
            Self::Found(signature) => format!("{} FOUND", word(signature)),
            Self::Failed(why) => format!("{} ERROR", one_line(why)),
        };
        [&*one_line_of(name), b": ", what.as_bytes()].concat()
    }
}

/// A signature's name as one word.
fn word(name: &str) -> String {
    let of = |c: char| if c == ' ' || c.is_control() { '_' } else { c };
    if name.is_empty() { "unnamed".to_owned() } else { name.chars().map(of).collect() }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name that a client gave, without what would end a line.
fn one_line_of(name: &[u8]) -> Vec<u8> {
    name.iter().map(|byte| if *byte < b' ' || *byte == 0x7f { b'?' } else { *byte }).collect()
}
