//! The daemon's side of clamd's protocol, without IO: what clients such as `clamdscan` ask for comes
//! out as values, what a scan came to goes in, and lines for the client come out. It scans nothing,
//! opens no file and knows no clock.
//!
//! Spoken are `PING`, `VERSION`, `VERSIONCOMMANDS`, `STATS`, `RELOAD`, `INSTREAM`, `FILDES`, `SCAN`,
//! `CONTSCAN`, `MULTISCAN`, `ALLMATCHSCAN`, `IDSESSION` and `END` (clamd(8)), each as `nNAME` with a line feed, as `zNAME` with a NUL, or plain
//! with a line feed, which lines the answer has too. What a client pipelines waits until what it asked
//! for before has been answered, so that answers come in order.
//!
//! ```
//! use gateway_av::clamd::{Answer, Ask, Server, ServerLimits};
//!
//! let mut server = Server::new(ServerLimits::default(), "gateway 0.1/7/");
//! server.receive(b"zINSTREAM\0\0\0\0\x04worm\0\0\0\0");
//! assert_eq!(server.poll(), Some(Ask::Begin));
//! assert_eq!(server.poll(), Some(Ask::Content("worm".into())));
//! assert_eq!(server.poll(), Some(Ask::Verdict));
//! server.answer(&Answer::Found("Own.Worm-1".into()));
//! assert_eq!(server.poll_output().unwrap(), "stream: Own.Worm-1 FOUND\0");
//! assert!(server.is_over());
//! ```

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

pub use answer::Answer;
pub use ask::{AfterFound, Ask};

mod answer;
mod ask;

/// Bounds on what a client may send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// Bytes of one command. Default 8,192.
    pub command_bytes_max: usize,
    /// Bytes of one content; more are answered at once with `INSTREAM size limit exceeded`, and the
    /// connection ends. Default 25 MiB, as `StreamMaxLength` of clamd has been for long.
    pub stream_bytes_max: u64,
    /// Bytes that may wait here. Default 256 KiB.
    pub waiting_bytes_max: usize,
    /// Commands of one session. Default 1,000,000.
    pub commands_max: u32,
    /// Whether descriptors and names of files are taken. Default neither.
    pub files: Files,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            command_bytes_max: 8_192,
            stream_bytes_max: 25 << 20,
            waiting_bytes_max: 256 << 10,
            commands_max: 1_000_000,
            files: Files::default(),
        }
    }
}

/// Which files clients may have looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Files {
    /// None: `FILDES`, `SCAN`, `CONTSCAN`, `MULTISCAN` and `ALLMATCHSCAN` are not to be had.
    #[default]
    Nothing,
    /// Those that they have opened themselves (`FILDES`).
    Descriptors,
    /// Those and all that the daemon can read, by name (`SCAN`, `CONTSCAN`, `MULTISCAN`,
    /// `ALLMATCHSCAN`).
    DescriptorsAndNames,
}

/// The end of a command, and of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ender {
    Newline,
    Nul,
}

impl Ender {
    const fn byte(self) -> u8 {
        match self {
            Self::Newline => b'\n',
            Self::Nul => 0,
        }
    }
}

/// What the connection is at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// A command is to come.
    Command,
    /// The length of a piece is to come.
    Length,
    /// So many bytes of a piece are to come.
    Piece(u32),
    /// The byte that a descriptor comes with.
    Descriptor,
    /// What was asked has not been answered; the name that the answer begins with.
    Asked(Bytes),
    /// Nothing is taken any more.
    Over,
}

/// One connection of a client.
#[derive(Debug)]
pub struct Server {
    limits: ServerLimits,
    version: String,
    input: BytesMut,
    state: State,
    ender: Ender,
    /// Whether many commands follow each other, and have numbers.
    session: bool,
    number: u32,
    /// Bytes of the content so far.
    content: u64,
    output: VecDeque<Bytes>,
}

impl Server {
    /// A connection that was just accepted, of a daemon of this `version`.
    #[must_use]
    pub fn new(limits: ServerLimits, version: &str) -> Self {
        Self {
            limits,
            version: format!("ClamAV {version}"),
            input: BytesMut::new(),
            state: State::Command,
            ender: Ender::Newline,
            session: false,
            number: 0,
            content: 0,
            output: VecDeque::new(),
        }
    }

    /// Whether more bytes are to be read: what has come has been taken, and nothing waits to be
    /// answered.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        let waits = matches!(self.state, State::Asked(_) | State::Over);
        !waits && self.input.len() < self.limits.waiting_bytes_max
    }

    /// Whether the connection is to be closed once all output is out.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether the client is in the middle of something, and not between two commands.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.state != State::Command || !self.input.is_empty()
    }

    /// Takes bytes from the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        if !self.is_over() {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The next bytes for the client.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    /// What the client asks for next, as far as it has come.
    pub fn poll(&mut self) -> Option<Ask> {
        loop {
            match self.state {
                State::Command => match self.command() {
                    Step::Ask(ask) => return Some(ask),
                    Step::Next => {}
                    Step::NeedInput => return None,
                },
                State::Length => {
                    let length = self.input.get(..4)?;
                    let length = u32::from_be_bytes(length.try_into().ok()?);
                    self.input.advance(4);
                    self.content += u64::from(length);
                    if length == 0 {
                        self.state = State::Asked(Bytes::from_static(b"stream"));
                        return Some(Ask::Verdict);
                    }
                    if self.content > self.limits.stream_bytes_max {
                        self.line(b"INSTREAM size limit exceeded. ERROR");
                        self.end();
                        return Some(Ask::Dropped);
                    }
                    self.state = State::Piece(length);
                }
                State::Piece(left) => {
                    if self.input.is_empty() {
                        return None;
                    }
                    let most = usize::try_from(left).unwrap_or(usize::MAX).min(self.input.len());
                    let left = left.saturating_sub(u32::try_from(most).unwrap_or(left));
                    self.state = if left == 0 { State::Length } else { State::Piece(left) };
                    return Some(Ask::Content(self.input.split_to(most).freeze()));
                }
                State::Descriptor => {
                    if self.input.is_empty() {
                        return None;
                    }
                    self.input.advance(1);
                    self.state = State::Asked(Bytes::from_static(b"fd"));
                    return Some(Ask::Descriptor);
                }
                State::Asked(_) | State::Over => return None,
            }
        }
    }

    /// Answers what was asked last; nothing where nothing was.
    pub fn answer(&mut self, answer: &Answer) {
        let State::Asked(name) = std::mem::replace(&mut self.state, State::Command) else {
            return self.end();
        };
        answer.write(&name, |line| self.line(line));
        self.answered();
    }

    fn command(&mut self) -> Step {
        let Some(first) = self.input.first() else { return Step::NeedInput };
        let ender = if *first == b'z' { Ender::Nul } else { Ender::Newline };
        let end = self.input.iter().position(|byte| *byte == ender.byte());
        let Some(end) = end.filter(|end| *end <= self.limits.command_bytes_max) else {
            if end.is_none() && self.input.len() <= self.limits.command_bytes_max {
                return Step::NeedInput;
            }
            self.ender = ender;
            self.line(b"Command too long. ERROR");
            self.end();
            return Step::NeedInput;
        };
        self.ender = ender;
        let mut line = self.input.split_to(end).freeze();
        self.input.advance(1);
        if matches!(line.first(), Some(b'n' | b'z')) {
            line.advance(1);
        } else if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        if self.session {
            self.number += 1;
            if self.number > self.limits.commands_max {
                self.end();
                return Step::NeedInput;
            }
        }
        self.begin(line)
    }

    fn begin(&mut self, line: Bytes) -> Step {
        let files = self.limits.files;
        let (name, argument) = match line.iter().position(|byte| *byte == b' ') {
            Some(at) => (line.slice(..at), line.slice(at + 1..)),
            None => (line, Bytes::new()),
        };
        match &name[..] {
            b"PING" => self.say(b"PONG"),
            b"VERSION" => {
                let version = self.version.clone();
                self.say(version.as_bytes())
            }
            b"VERSIONCOMMANDS" => {
                let known = "PING VERSION VERSIONCOMMANDS STATS RELOAD INSTREAM IDSESSION END";
                let more = match files {
                    Files::Nothing => "",
                    Files::Descriptors => " FILDES",
                    Files::DescriptorsAndNames => " FILDES SCAN CONTSCAN MULTISCAN ALLMATCHSCAN",
                };
                let text = format!("{}| COMMANDS: {known}{more}", self.version);
                self.say(text.as_bytes())
            }
            b"STATS" => self.ask(Bytes::new(), Ask::Stats),
            b"INSTREAM" => {
                (self.content, self.state) = (0, State::Length);
                Step::Ask(Ask::Begin)
            }
            b"FILDES" if files != Files::Nothing => {
                self.state = State::Descriptor;
                Step::Next
            }
            b"SCAN" => self.ask_by_name(argument, AfterFound::Stop),
            b"CONTSCAN" | b"MULTISCAN" => self.ask_by_name(argument, AfterFound::GoOn),
            b"ALLMATCHSCAN" => self.ask_by_name(argument, AfterFound::TellAll),
            b"RELOAD" => {
                let _ = self.say(b"RELOADING");
                Step::Ask(Ask::Reload)
            }
            // What clamd knows, and what is not for clients to do here.
            b"FILDES" | b"SHUTDOWN" | b"SELFCHECK" | b"DETSTATS" | b"DETSTATSCLEAR" => {
                self.say(b"COMMAND UNAVAILABLE")
            }
            b"IDSESSION" if !self.session => {
                self.session = true;
                Step::Next
            }
            b"END" if self.session => {
                self.end();
                Step::NeedInput
            }
            _ => {
                self.line(b"UNKNOWN COMMAND");
                self.end();
                Step::NeedInput
            }
        }
    }

    /// Asks what is in a file or folder, if names are taken.
    fn ask_by_name(&mut self, name: Bytes, after: AfterFound) -> Step {
        if self.limits.files != Files::DescriptorsAndNames || name.is_empty() {
            return self.say(b"COMMAND UNAVAILABLE");
        }
        self.ask(name.clone(), Ask::Name { name, after })
    }

    fn ask(&mut self, name: Bytes, ask: Ask) -> Step {
        self.state = State::Asked(name);
        Step::Ask(ask)
    }

    /// Answers at once.
    fn say(&mut self, text: &[u8]) -> Step {
        self.line(text);
        self.answered();
        Step::Next
    }

    /// Outside of a session a connection is for one command.
    fn answered(&mut self) {
        if self.session { self.state = State::Command } else { self.end() }
    }

    fn end(&mut self) {
        self.state = State::Over;
        self.input.clear();
    }

    fn line(&mut self, text: &[u8]) {
        let mut line = Vec::with_capacity(text.len() + 12);
        if self.session {
            line.extend_from_slice(format!("{}: ", self.number).as_bytes());
        }
        line.extend_from_slice(text);
        line.push(self.ender.byte());
        self.output.push_back(line.into());
    }
}

/// What reading a command gave.
enum Step {
    Ask(Ask),
    /// What follows can be read.
    Next,
    NeedInput,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clamd::{Connection, Limits, Reply};

    fn limits(files: Files) -> ServerLimits {
        ServerLimits { files, stream_bytes_max: 10, ..ServerLimits::default() }
    }

    /// What a client that sends `wire` in pieces of `size` is answered, where what begins with "bad"
    /// is found.
    fn talk(files: Files, wire: &[u8], size: usize) -> (String, bool) {
        let mut server = Server::new(limits(files), "0/1/x");
        let (mut said, mut content) = (Vec::new(), Vec::new());
        for piece in wire.chunks(size.max(1)) {
            server.receive(piece);
            while let Some(ask) = server.poll() {
                let verdict = |of: &[u8]| match of.starts_with(b"bad") {
                    true => Answer::Found("Own Worm".into()),
                    false => Answer::Clean,
                };
                let answer = match ask {
                    Ask::Begin => {
                        content.clear();
                        continue;
                    }
                    Ask::Content(bytes) => {
                        content.extend_from_slice(&bytes);
                        continue;
                    }
                    Ask::Dropped => continue,
                    Ask::Verdict => verdict(&content),
                    Ask::Descriptor => Answer::Failed("no\nfile".into()),
                    Ask::Name { name, after: AfterFound::Stop } => verdict(&name),
                    Ask::Name { name, after: AfterFound::GoOn } => Answer::Lines(vec![
                        (name.clone(), Answer::Clean),
                        (name, Answer::Found("W".into())),
                    ]),
                    Ask::Name { name, after: AfterFound::TellAll } => Answer::Lines(vec![
                        (name.clone(), Answer::Found("V".into())),
                        (name, Answer::Found("W".into())),
                    ]),
                    Ask::Stats => Answer::Stats { running: 1, running_max: 2, waiting: 3 },
                    Ask::Reload => continue,
                };
                server.answer(&answer);
            }
        }
        while let Some(bytes) = server.poll_output() {
            said.extend_from_slice(&bytes);
        }
        (String::from_utf8(said).unwrap(), server.is_over())
    }

    #[test]
    fn commands_are_answered_in_the_form_in_which_they_came() {
        use Files::*;
        for (files, wire, answer, over) in [
            (Nothing, &b"PING\n"[..], "PONG\n", true),
            (Nothing, b"PING\r\n", "PONG\n", true),
            (Nothing, b"nPING\n", "PONG\n", true),
            (Nothing, b"zPING\0", "PONG\0", true),
            (Nothing, b"zPING\n", "", false),
            (Nothing, b"zVERSION\0", "ClamAV 0/1/x\0", true),
            (Nothing, b"ping\n", "UNKNOWN COMMAND\n", true),
            (Nothing, b"zEND\0", "UNKNOWN COMMAND\0", true),
            (Nothing, b"zFILDES\0x", "COMMAND UNAVAILABLE\0", true),
            (Nothing, b"zSCAN /etc\0", "COMMAND UNAVAILABLE\0", true),
            (Descriptors, b"zSCAN /etc\0", "COMMAND UNAVAILABLE\0", true),
            (Descriptors, b"zFILDES\0x", "fd: no file ERROR\0", true),
            (DescriptorsAndNames, b"zSCAN\0", "COMMAND UNAVAILABLE\0", true),
            (DescriptorsAndNames, b"zSCAN /a b\0", "/a b: OK\0", true),
            (DescriptorsAndNames, b"nSCAN bad\tone\n", "bad?one: Own_Worm FOUND\n", true),
            (DescriptorsAndNames, b"zMULTISCAN /a\0", "/a: OK\0/a: W FOUND\0", true),
            (DescriptorsAndNames, b"zCONTSCAN /a\0", "/a: OK\0/a: W FOUND\0", true),
            (DescriptorsAndNames, b"zALLMATCHSCAN /a\0", "/a: V FOUND\0/a: W FOUND\0", true),
            (Descriptors, b"zALLMATCHSCAN /a\0", "COMMAND UNAVAILABLE\0", true),
            (DescriptorsAndNames, b"zALLMATCHSCAN\0", "COMMAND UNAVAILABLE\0", true),
            (Nothing, b"zRELOAD\0", "RELOADING\0", true),
            (Nothing, b"RELOAD\n", "RELOADING\n", true),
            (Nothing, b"zIDSESSION\0zRELOAD\0zPING\0", "1: RELOADING\x002: PONG\0", false),
            (Nothing, b"nSHUTDOWN\n", "COMMAND UNAVAILABLE\n", true),
            (Nothing, b"nSELFCHECK\n", "COMMAND UNAVAILABLE\n", true),
            (Nothing, b"zINSTREAM\0\0\0\0\x02ok\0\0\0\0", "stream: OK\0", true),
            (
                Nothing,
                b"nINSTREAM\n\0\0\0\x02ba\0\0\0\x01d\0\0\0\0",
                "stream: Own_Worm FOUND\n",
                true,
            ),
            (Nothing, b"zINSTREAM\0\0\0\0\x0b", "INSTREAM size limit exceeded. ERROR\0", true),
            (
                Nothing,
                b"zINSTREAM\0\0\0\0\x06abcdef\0\0\0\x05",
                "INSTREAM size limit exceeded. ERROR\0",
                true,
            ),
            (Nothing, b"zINSTREAM\0\0\0\0\x0a0123456789\0\0\0\0", "stream: OK\0", true),
            (
                Nothing,
                b"zIDSESSION\0zPING\0zINSTREAM\0\0\0\0\x03bad\0\0\0\0zVERSION\0",
                "1: PONG\x002: stream: Own_Worm FOUND\x003: ClamAV 0/1/x\0",
                false,
            ),
            (Nothing, b"nIDSESSION\nnPING\nnEND\nnPING\n", "1: PONG\n", true),
            (Nothing, b"zIDSESSION\0zIDSESSION\0", "1: UNKNOWN COMMAND\0", true),
            (
                Nothing,
                b"zIDSESSION\0zINSTREAM\0\xff\xff\xff\xff",
                "1: INSTREAM size limit exceeded. ERROR\0",
                true,
            ),
        ] {
            for size in [1, 3, usize::MAX] {
                let got = talk(files, wire, size);
                assert_eq!(got, (answer.to_owned(), over), "{:?}", String::from_utf8_lossy(wire));
            }
        }
        let (stats, _) = talk(Nothing, b"nSTATS\n", 9);
        assert!(stats.starts_with("POOLS: 1\n") && stats.ends_with("\nEND\n"), "{stats}");
    }

    #[test]
    fn a_command_without_end_is_not_waited_for() {
        let mut server = Server::new(ServerLimits::default(), "");
        server.receive(&[b'a'; 8_192]);
        assert!(server.poll().is_none() && !server.is_over());
        server.receive(b"aa");
        assert!(server.poll().is_none() && server.is_over());
        assert_eq!(server.poll_output().unwrap(), "Command too long. ERROR\n");
    }

    #[test]
    fn nothing_is_read_while_something_waits_for_its_answer() {
        let mut server = Server::new(ServerLimits::default(), "");
        server.receive(b"zINSTREAM\0\0\0\0\0zPING\0");
        assert_eq!((server.poll(), server.poll()), (Some(Ask::Begin), Some(Ask::Verdict)));
        assert!(!server.wants_input() && server.is_busy());
        assert_eq!(server.poll(), None);
        server.answer(&Answer::Clean);
        assert_eq!(server.poll_output().unwrap(), "stream: OK\0");
    }

    proptest! {
        /// Our own client understands what our own server says, however it is cut.
        #[test]
        fn client_and_server_understand_each_other(
            contents in proptest::collection::vec("(bad)?[a-z]{0,6}", 1..4),
            size in 1..30usize,
        ) {
            let mut client = Connection::new(Limits::default());
            let mut server = Server::new(limits(Files::Nothing), "0/1/x");
            for content in &contents {
                client.begin_scan().unwrap();
                client.scan(Bytes::from(content.clone())).unwrap();
                client.end_scan().unwrap();
                let wire: Vec<u8> = std::iter::from_fn(|| client.poll_output()).flatten().collect();
                let mut seen = Vec::new();
                let mut reply = None;
                for piece in wire.chunks(size) {
                    server.receive(piece);
                    while let Some(ask) = server.poll() {
                        match ask {
                            Ask::Content(bytes) => seen.extend_from_slice(&bytes),
                            Ask::Verdict if seen.starts_with(b"bad") => {
                                server.answer(&Answer::Found("Worm".into()));
                            }
                            Ask::Verdict => server.answer(&Answer::Clean),
                            _ => {}
                        }
                    }
                    while let Some(bytes) = server.poll_output() {
                        client.receive(&bytes).unwrap();
                        reply = client.poll_reply().map(|(_, reply)| reply).or(reply);
                    }
                }
                prop_assert_eq!(&seen, content.as_bytes());
                let expected = match content.starts_with("bad") {
                    true => Reply::Found("Worm".into()),
                    false => Reply::Clean,
                };
                prop_assert_eq!(reply, Some(expected));
            }
        }

        /// Any bytes, in any pieces: the same answers, and what waits is bounded.
        #[test]
        fn any_pieces_give_the_same_answers(
            wire in "(z(IDSESSION|PING|INSTREAM|STATS|FILDES|SCAN a)\0|[\0-\u{4}]{4}|[a-zA-Z ]){0,12}",
            size in 1..9usize,
        ) {
            let files = Files::DescriptorsAndNames;
            let whole = talk(files, wire.as_bytes(), usize::MAX);
            prop_assert_eq!(talk(files, wire.as_bytes(), size), whole);
        }
    }
}
