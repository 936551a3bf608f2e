//! clamd's protocol, without IO. [`Connection`] is the client's side: commands and content go in, bytes
//! for the daemon come out, and its answers come back as values. [`Server`] is the daemon's side. Neither
//! opens a socket or knows a clock.
//!
//! The client speaks sessions (`IDSESSION`, clamd(8)): one connection serves many scans, and the next may
//! be asked for while others are being looked at, as every answer carries the number of its command.
//! Content goes out by `INSTREAM`: pieces with their length before them, and a length of 0 at the end; or
//! as a file that is open, by `FILDES`. The daemon looks at content
//! only when it has all of it, so no answer but a refusal can be right before the end; *clean*
//! before the end is taken for what it is, an error.
//!
//! ```
//! use bytes::Bytes;
//! use gateway_av::clamd::{Connection, Limits, Reply};
//!
//! let mut connection = Connection::new(Limits::default());
//! let first = connection.begin_scan()?;
//! connection.scan(Bytes::from_static(b"content"))?;
//! connection.end_scan()?;
//! let sent: Vec<u8> = std::iter::from_fn(|| connection.poll_output()).flatten().collect();
//! assert_eq!(sent, b"zIDSESSION\0zINSTREAM\0\0\0\0\x07content\0\0\0\0");
//! let second = connection.begin_scan()?;
//! connection.end_scan()?;
//! connection.receive(b"2: stream: OK\x001: stream: Own.Worm-1 FOU")?;
//! assert_eq!(connection.poll_reply(), Some((second, Reply::Clean)));
//! connection.receive(b"ND\0")?;
//! assert_eq!(connection.poll_reply(), Some((first, Reply::Found("Own.Worm-1".into()))));
//! # Ok::<(), gateway_av::clamd::ClamdError>(())
//! ```

mod answer;
mod server;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use bytes::Bytes;

pub use server::{AfterFound, Answer, Ask, Files, Server, ServerLimits};

/// Bounds on what the daemon may send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one answer. Default 1,024.
    pub answer_bytes_max: usize,
    /// Bytes of one piece of content as it is sent. Default 1 MiB; less than the daemon's
    /// `StreamMaxLength`.
    pub piece_bytes_max: usize,
    /// Commands that may wait for their answers. Default 32.
    pub open_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer_bytes_max: 1_024, piece_bytes_max: 1 << 20, open_max: 32 }
    }
}

/// What the daemon answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// To [`Connection::ping`].
    Pong,
    /// To [`Connection::version`]: engine, database and its date.
    Version(String),
    /// All content was looked at, and nothing was found.
    Clean,
    /// The content holds this signature.
    Found(String),
    /// The content was not looked at in full; the name tells the limit, or that it is encrypted.
    /// Only a daemon that is told to (`AlertExceedsMax`, `AlertEncrypted`) says so.
    Unscanned(String),
    /// More was sent than the daemon takes (`StreamMaxLength`). The connection is of no more use.
    TooLarge,
    /// The daemon could not scan; the connection is of no more use.
    Refused(String),
}

/// Why a connection to the daemon is of no more use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClamdError {
    /// An answer came to no command, or to another one.
    #[error("an answer to no command of this connection")]
    Unasked,
    /// An answer is longer than allowed.
    #[error("an answer of more than {bytes_max} bytes")]
    TooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// An answer is none that the protocol knows.
    #[error("an answer that the protocol does not know")]
    Malformed,
    /// "Clean" came before the end of the content.
    #[error("an answer before the content has ended")]
    Early,
    /// A command was given while content of another one is being sent or too many are open, content
    /// without a scan, or a command after an error.
    #[error("a command out of turn")]
    OutOfTurn,
}

/// One connection to the daemon.
///
/// The next command may be given once the content of the one before has ended, whether that has been
/// answered or not.
#[derive(Debug)]
pub struct Connection {
    limits: Limits,
    /// The number of the last command.
    number: u32,
    /// Commands without an answer.
    open: VecDeque<Open>,
    /// Content of the last command is being sent.
    sending: Sending,
    life: Life,
    input: Vec<u8>,
    output: VecDeque<Bytes>,
    replies: VecDeque<(u32, Reply)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Usable,
    Unusable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Nothing,
    Content,
}

/// A command without an answer.
#[derive(Clone, Copy, Debug)]
struct Open {
    number: u32,
    asked: Asked,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Ping,
    Version,
    Stream,
    File,
}

impl Connection {
    /// A connection that was just made.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            number: 0,
            open: VecDeque::new(),
            sending: Sending::Nothing,
            life: Life::Usable,
            input: Vec::new(),
            output: VecDeque::from([Bytes::from_static(b"zIDSESSION\0")]),
            replies: VecDeque::new(),
        }
    }

    /// Whether the next command may be given.
    #[must_use]
    pub fn takes_command(&self) -> bool {
        self.life == Life::Usable
            && self.sending == Sending::Nothing
            && self.open.len() < self.limits.open_max
    }

    /// Whether it is of use, and nothing waits for an answer.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.takes_command() && self.open.is_empty() && self.input.is_empty()
    }

    /// Whether no more can come of it: what is open will not be answered.
    #[must_use]
    pub fn is_unusable(&self) -> bool {
        self.life == Life::Unusable
    }

    /// Asks whether the daemon lives. This and what follows give the number that the answer will have.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`], as in all commands.
    pub fn ping(&mut self) -> Result<u32, ClamdError> {
        self.command(b"zPING\0", Asked::Ping)
    }

    /// Asks for the versions of engine and database.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn version(&mut self) -> Result<u32, ClamdError> {
        self.command(b"zVERSION\0", Asked::Version)
    }

    /// Begins a scan.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn begin_scan(&mut self) -> Result<u32, ClamdError> {
        let number = self.command(b"zINSTREAM\0", Asked::Stream)?;
        self.sending = Sending::Content;
        Ok(number)
    }

    /// Has a file scanned that is open. The last piece of output is its command, and a byte that the daemon
    /// skips: over a Unix socket the file's descriptor must go with that piece (`SCM_RIGHTS`, unix(7)).
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn scan_file(&mut self) -> Result<u32, ClamdError> {
        self.command(b"zFILDES\0\0", Asked::File)
    }

    /// Sends the next bytes of the content, uncopied.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn scan(&mut self, mut content: Bytes) -> Result<(), ClamdError> {
        if self.sending != Sending::Content || self.is_unusable() {
            return Err(ClamdError::OutOfTurn);
        }
        // A piece of no bytes would be the end.
        while !content.is_empty() {
            let max = self.limits.piece_bytes_max.clamp(1, 1 << 30);
            let piece = content.split_to(content.len().min(max));
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes();
            self.output.push_back(Bytes::copy_from_slice(&length));
            self.output.push_back(piece);
        }
        Ok(())
    }

    /// Ends the content.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn end_scan(&mut self) -> Result<(), ClamdError> {
        if self.sending != Sending::Content || self.is_unusable() {
            return Err(ClamdError::OutOfTurn);
        }
        self.sending = Sending::Nothing;
        self.output.push_back(Bytes::from_static(&[0; 4]));
        Ok(())
    }

    /// The next bytes for the daemon.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    /// The next answer, and the number of what it answers.
    pub fn poll_reply(&mut self) -> Option<(u32, Reply)> {
        self.replies.pop_front()
    }

    /// Takes bytes from the daemon.
    ///
    /// # Errors
    ///
    /// [`ClamdError`]; the connection is of no more use then. What was answered before is still given.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), ClamdError> {
        self.input.extend_from_slice(bytes);
        let taken = self.take();
        if taken.is_err() {
            self.life = Life::Unusable;
        }
        taken
    }

    fn take(&mut self) -> Result<(), ClamdError> {
        let bytes_max = self.limits.answer_bytes_max;
        while !self.input.is_empty() {
            if self.is_unusable() || self.open.is_empty() {
                return Err(ClamdError::Unasked);
            }
            let end = self.input.iter().position(|byte| *byte == 0);
            if end.unwrap_or(self.input.len()) > bytes_max {
                return Err(ClamdError::TooLong { bytes_max });
            }
            let Some(end) = end else { return Ok(()) };
            let line: Vec<u8> = self.input.drain(..=end).take(end).collect();
            self.answered(&line)?;
        }
        Ok(())
    }

    fn answered(&mut self, line: &[u8]) -> Result<(), ClamdError> {
        let (number, text) = answer::numbered(line)?;
        let index = match number {
            Some(number) => self.open.iter().position(|open| open.number == number),
            // What has no number is about the connection: the content that is being sent, or all there is.
            None if self.sending == Sending::Content => self.open.len().checked_sub(1),
            None => (self.open.len() == 1).then_some(0),
        };
        let Some(open) = index.and_then(|index| self.open.get(index)).copied() else {
            return Err(if number.is_some() { ClamdError::Unasked } else { ClamdError::Malformed });
        };
        let reply = answer::read(text, open.asked)?;
        let refused = matches!(reply, Reply::TooLarge | Reply::Refused(_));
        if number.is_none() && !refused {
            return Err(ClamdError::Malformed);
        }
        let early = self.sending == Sending::Content && open.number == self.number;
        if early && matches!(reply, Reply::Clean | Reply::Unscanned(_)) {
            return Err(ClamdError::Early);
        }
        self.open.retain(|other| other.number != open.number);
        self.replies.push_back((open.number, reply));
        // A finding before the end leaves content behind that would be read as commands.
        if refused || early {
            self.life = Life::Unusable;
        }
        Ok(())
    }

    fn command(&mut self, line: &'static [u8], asked: Asked) -> Result<u32, ClamdError> {
        if !self.takes_command() {
            return Err(ClamdError::OutOfTurn);
        }
        // Numbers begin with 1, and no two open ones are equal.
        self.number = self.number.checked_add(1).ok_or(ClamdError::OutOfTurn)?;
        self.open.push_back(Open { number: self.number, asked });
        self.output.push_back(Bytes::from_static(line));
        Ok(self.number)
    }
}
