//! clamd's protocol, without IO. [`Connection`] is the client's side: commands and content go in, bytes
//! for the daemon come out, and its answers come back as values. [`Server`] is the daemon's side. Neither
//! opens a socket or knows a clock.
//!
//! The client speaks sessions (`IDSESSION`, clamd(8)), so that one connection serves many scans, one after
//! the other: every answer carries the number of its command. Content goes out by `INSTREAM`:
//! pieces with their length before them, and a length of 0 at the end. The daemon looks at content
//! only when it has all of it, so no answer but a refusal can be right before the end; *clean*
//! before the end is taken for what it is, an error.
//!
//! ```
//! use bytes::Bytes;
//! use gateway_av::clamd::{Connection, Limits, Reply};
//!
//! let mut connection = Connection::new(Limits::default());
//! connection.begin_scan()?;
//! connection.scan(Bytes::from_static(b"content"))?;
//! connection.end_scan()?;
//! let sent: Vec<u8> = std::iter::from_fn(|| connection.poll_output()).flatten().collect();
//! assert_eq!(sent, b"zIDSESSION\0zINSTREAM\0\0\0\0\x07content\0\0\0\0");
//! assert_eq!(connection.receive(b"1: stream: Own.Worm-1 FOU")?, None);
//! assert_eq!(connection.receive(b"ND\0")?, Some(Reply::Found("Own.Worm-1".into())));
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
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer_bytes_max: 1_024, piece_bytes_max: 1 << 20 }
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
    /// A command was given while another one is open, content without a scan, or a command after
    /// an error.
    #[error("a command out of turn")]
    OutOfTurn,
}

/// One connection to the daemon.
///
/// Commands go one after the other: the next one once the one before has been answered.
#[derive(Debug)]
pub struct Connection {
    limits: Limits,
    /// The number of the last command.
    number: u32,
    state: State,
    input: Vec<u8>,
    output: VecDeque<Bytes>,
}

/// What the connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Ping,
    Version,
    /// Content is being sent.
    Sending,
    /// All content was sent.
    Sent,
    Unusable,
}

impl Connection {
    /// A connection that was just made.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let output = VecDeque::from([Bytes::from_static(b"zIDSESSION\0")]);
        Self { limits, number: 0, state: State::Idle, input: Vec::new(), output }
    }

    /// Whether the next command may be given.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle && self.input.is_empty()
    }

    /// Asks whether the daemon lives.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`], as in all commands.
    pub fn ping(&mut self) -> Result<(), ClamdError> {
        self.command(b"zPING\0", State::Ping)
    }

    /// Asks for the versions of engine and database.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn version(&mut self) -> Result<(), ClamdError> {
        self.command(b"zVERSION\0", State::Version)
    }

    /// Begins a scan.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn begin_scan(&mut self) -> Result<(), ClamdError> {
        self.command(b"zINSTREAM\0", State::Sending)
    }

    /// Sends the next bytes of the content, uncopied.
    ///
    /// # Errors
    ///
    /// [`ClamdError::OutOfTurn`].
    pub fn scan(&mut self, mut content: Bytes) -> Result<(), ClamdError> {
        if self.state != State::Sending {
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
        if self.state != State::Sending {
            return Err(ClamdError::OutOfTurn);
        }
        self.state = State::Sent;
        self.output.push_back(Bytes::from_static(&[0; 4]));
        Ok(())
    }

    /// The next bytes for the daemon.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    /// Takes bytes from the daemon; gives the answer that they complete.
    ///
    /// # Errors
    ///
    /// [`ClamdError`]; the connection is of no more use then.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Option<Reply>, ClamdError> {
        let reply = self.take(bytes);
        if reply.is_err() {
            self.state = State::Unusable;
        }
        reply
    }

    fn take(&mut self, bytes: &[u8]) -> Result<Option<Reply>, ClamdError> {
        if matches!(self.state, State::Idle | State::Unusable) && !bytes.is_empty() {
            return Err(ClamdError::Unasked);
        }
        self.input.extend_from_slice(bytes);
        let bytes_max = self.limits.answer_bytes_max;
        let Some(end) = self.input.iter().position(|byte| *byte == 0) else {
            let fits = self.input.len() <= bytes_max;
            return if fits { Ok(None) } else { Err(ClamdError::TooLong { bytes_max }) };
        };
        if end > bytes_max {
            return Err(ClamdError::TooLong { bytes_max });
        }
        if end + 1 != self.input.len() {
            return Err(ClamdError::Unasked);
        }
        let line = self.input.get(..end).unwrap_or_default();
        let (number, reply) = answer::read(line, self.state)?;
        if number.is_some_and(|number| number != self.number) {
            return Err(ClamdError::Unasked);
        }
        let refused = matches!(reply, Reply::TooLarge | Reply::Refused(_));
        if number.is_none() && !refused {
            return Err(ClamdError::Malformed);
        }
        if self.state == State::Sending && matches!(reply, Reply::Clean | Reply::Unscanned(_)) {
            return Err(ClamdError::Early);
        }
        // A finding before the end leaves content behind that would be read as commands.
        let over = refused || self.state == State::Sending;
        self.state = if over { State::Unusable } else { State::Idle };
        self.input.clear();
        Ok(Some(reply))
    }

    fn command(&mut self, line: &'static [u8], state: State) -> Result<(), ClamdError> {
        if !self.is_idle() {
            return Err(ClamdError::OutOfTurn);
        }
        self.number = self.number.wrapping_add(1);
        self.state = state;
        self.output.push_back(Bytes::from_static(line));
        Ok(())
    }
}
