//! The server's side of the talk that opens a SOCKS connection: method, credentials, request,
//! reply (RFC 1928 §3 to §6, RFC 1929).

use std::net::{Ipv4Addr, SocketAddr};

use bytes::{Buf, Bytes, BytesMut};

use super::address::{self, HostError};
use super::message::{Auth, Command, Event, Reply, Request, SocksError};
use super::{VERSION, version4};

const METHOD_NONE: u8 = 0;
const METHOD_PASSWORD: u8 = 2;
const METHOD_REFUSED: u8 = 0xff;
/// Version of the talk about user and password (RFC 1929 §2), which has one of its own.
const PASSWORD_VERSION: u8 = 1;
/// The longest message: a request of version 4 with a user and a name of 255 bytes each. A client that sends more before
/// it is answered is made to wait by [`Server::wants_input`].
const MESSAGE_BYTES_MAX: usize = 8 + 256 + 256;

/// The server's side of one SOCKS connection, up to its relay.
///
/// A client of version 4 or 4a has no password: where [`Auth::Password`] asks for one it is
/// rejected.
///
/// ```
/// use gateway_h1h2::socks::{Auth, Command, Event, Reply, Server};
///
/// let mut server = Server::new(Auth::None);
/// server.receive(b"\x05\x01\0\x05\x01\0\x03\x09a.example\x01\xbbhello");
/// let Some(Event::Request(request)) = server.poll_event()? else { panic!("no request") };
/// assert_eq!(request.command, Command::Connect);
/// assert_eq!(request.destination.host.to_string(), "a.example");
/// server.reply(Reply::Succeeded, "192.0.2.7:4000".parse()?);
/// let mut output = Vec::new();
/// server.poll_output(&mut output);
/// assert_eq!(output.concat(), b"\x05\0\x05\0\0\x01\xc0\0\x02\x07\x0f\xa0");
/// assert_eq!(server.into_unread(), "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    auth: Auth,
    dialect: Dialect,
    state: State,
    unread: BytesMut,
    output: Vec<Bytes>,
}

/// What the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Four,
    Five,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The methods that the client offers are awaited, or the request of version 4.
    Methods,
    /// User and password are awaited.
    Password,
    /// They are being judged.
    Judging,
    /// The request is awaited.
    Request,
    /// The request is being decided.
    Deciding,
    /// It was answered: what follows is the relay's.
    Answered,
    /// There is nothing more to say.
    Failed(SocksError),
}

impl Server {
    /// A connection that has sent nothing.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        Self {
            auth,
            dialect: Dialect::Five,
            state: State::Methods,
            unread: BytesMut::new(),
            output: Vec::new(),
        }
    }

    /// Whether more bytes are of use.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        let open = matches!(self.state, State::Methods | State::Password | State::Request);
        open && self.unread.len() < MESSAGE_BYTES_MAX
    }

    /// Takes bytes of the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// What the client has said, if that is complete.
    ///
    /// # Errors
    /// [`SocksError`], again and again once it was given: the client cannot be served.
    pub fn poll_event(&mut self) -> Result<Option<Event>, SocksError> {
        let read = match self.state {
            State::Methods if self.unread.first() == Some(&version4::VERSION) => {
                self.read_request4()
            }
            State::Methods => match self.read_methods() {
                Ok(true) => return self.poll_event(),
                Ok(false) => Ok(None),
                Err(error) => Err(error),
            },
            State::Password => self.read_password(),
            State::Request => self.read_request(),
            State::Judging | State::Deciding | State::Answered => Ok(None),
            State::Failed(error) => Err(error),
        };
        if let Err(error) = read {
            self.fail(error);
        }
        read
    }

    /// The credentials are good.
    pub fn admit(&mut self) {
        if self.state == State::Judging {
            self.output.push(Bytes::from_static(&[PASSWORD_VERSION, 0]));
            self.state = State::Request;
        }
    }

    /// The credentials are not good: the client is told so, and the connection is to be closed
    /// (RFC 1929 §2).
    pub fn turn_away(&mut self) {
        if self.state == State::Judging {
            self.output.push(Bytes::from_static(&[PASSWORD_VERSION, 1]));
            self.state = State::Answered;
        }
    }

    /// Answers the request. `bound` is the address of the relay: this end of the connection to
    /// the destination, or where datagrams are to be sent to.
    pub fn reply(&mut self, reply: Reply, bound: SocketAddr) {
        if self.state == State::Deciding {
            self.write_reply(reply, bound);
            self.state = State::Answered;
        }
    }

    /// Moves what is to be sent to the end of `out`; says how many bytes it was.
    pub fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        let bytes = self.output.iter().map(Bytes::len).sum();
        out.append(&mut self.output);
        bytes
    }

    /// What has come behind the request: the first bytes of the relay.
    #[must_use]
    pub fn into_unread(self) -> Bytes {
        self.unread.freeze()
    }

    fn write_reply(&mut self, reply: Reply, bound: SocketAddr) {
        let message = match self.dialect {
            Dialect::Four => version4::reply(reply, bound),
            Dialect::Five => {
                let mut message = vec![VERSION, reply.code(), 0];
                address::encode(bound, &mut message);
                message
            }
        };
        self.output.push(message.into());
    }

    /// Says what can be said about an error, once.
    fn fail(&mut self, error: SocksError) {
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        match (self.state, error) {
            (State::Methods, _) if self.dialect == Dialect::Four => {
                self.write_reply(Reply::GeneralFailure, nowhere);
            }
            (State::Methods, SocksError::Method) => {
                self.output.push(Bytes::from_static(&[VERSION, METHOD_REFUSED]));
            }
            (State::Password, _) => self.output.push(Bytes::from_static(&[PASSWORD_VERSION, 1])),
            (State::Request, SocksError::Command { .. }) => {
                self.write_reply(Reply::CommandNotSupported, nowhere);
            }
            (State::Request, SocksError::Host(HostError::Kind { .. })) => {
                self.write_reply(Reply::AddressTypeNotSupported, nowhere);
            }
            (State::Request, SocksError::Host(HostError::Name)) => {
                self.write_reply(Reply::HostUnreachable, nowhere);
            }
            // Whoever speaks another protocol would not understand an answer.
            _ => {}
        }
        self.state = State::Failed(error);
    }

    /// The methods; whether they were complete.
    fn read_methods(&mut self) -> Result<bool, SocksError> {
        expect_version(&self.unread, VERSION)?;
        let Some(&[_, count]) = self.unread.get(..2) else { return Ok(false) };
        let whole = 2 + usize::from(count);
        let Some(offered) = self.unread.get(2..whole) else { return Ok(false) };
        let none = (METHOD_NONE, State::Request);
        let password = (METHOD_PASSWORD, State::Password);
        let taken: &[(u8, State)] = match self.auth {
            Auth::None => &[none],
            Auth::Password => &[password],
            Auth::Either => &[password, none],
        };
        let Some(&(method, next)) = taken.iter().find(|(method, _)| offered.contains(method))
        else {
            return Err(SocksError::Method);
        };
        self.unread.advance(whole);
        self.output.push(Bytes::copy_from_slice(&[VERSION, method]));
        self.state = next;
        Ok(true)
    }

    /// The whole of what a client of version 4 says.
    fn read_request4(&mut self) -> Result<Option<Event>, SocksError> {
        self.dialect = Dialect::Four;
        let Some((request, taken)) = version4::read(&self.unread)? else { return Ok(None) };
        if self.auth == Auth::Password {
            return Err(SocksError::Method);
        }
        self.unread.advance(taken);
        self.state = State::Deciding;
        Ok(Some(Event::Request(request)))
    }

    fn read_password(&mut self) -> Result<Option<Event>, SocksError> {
        expect_version(&self.unread, PASSWORD_VERSION)?;
        let Some(&user_bytes) = self.unread.get(1) else { return Ok(None) };
        let user_end = 2 + usize::from(user_bytes);
        let Some(&password_bytes) = self.unread.get(user_end) else { return Ok(None) };
        let whole = user_end + 1 + usize::from(password_bytes);
        if self.unread.len() < whole {
            return Ok(None);
        }
        let message = self.unread.split_to(whole).freeze();
        self.state = State::Judging;
        let (user, password) = (message.slice(2..user_end), message.slice(user_end + 1..));
        Ok(Some(Event::Credentials { user, password }))
    }

    fn read_request(&mut self) -> Result<Option<Event>, SocksError> {
        expect_version(&self.unread, VERSION)?;
        let Some(&[_, command, _reserved]) = self.unread.get(..3) else { return Ok(None) };
        let command = match command {
            1 => Command::Connect,
            2 => Command::Bind,
            3 => Command::UdpAssociate,
            command => return Err(SocksError::Command { command }),
        };
        let rest = self.unread.get(3..).unwrap_or_default();
        let Some((destination, taken)) = address::decode(rest)? else { return Ok(None) };
        self.unread.advance(3 + taken);
        self.state = State::Deciding;
        Ok(Some(Event::Request(Request { command, destination })))
    }
}

fn expect_version(unread: &[u8], expected: u8) -> Result<(), SocksError> {
    match unread.first() {
        Some(&version) if version != expected => Err(SocksError::Version { version }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUND: &str = "192.0.2.7:4000";

    /// What a server says to `wire`, given in pieces, when it admits everyone.
    fn talk<'a>(
        auth: Auth,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<Event>, Option<SocksError>, Vec<u8>, Bytes) {
        let mut server = Server::new(auth);
        let (mut events, mut error) = (Vec::new(), None);
        for piece in pieces {
            server.receive(piece);
            loop {
                match server.poll_event() {
                    Ok(None) => break,
                    Ok(Some(event)) => {
                        match event {
                            Event::Credentials { .. } => server.admit(),
                            Event::Request(_) => {
                                server.reply(Reply::Succeeded, BOUND.parse().unwrap());
                            }
                        }
                        events.push(event);
                    }
                    Err(found) => {
                        error = Some(found);
                        break;
                    }
                }
            }
        }
        let mut out = Vec::new();
        server.poll_output(&mut out);
        (events, error, out.concat(), server.into_unread())
    }

    #[track_caller]
    fn check_error(auth: Auth, wire: &[u8], expected: SocksError, said: &[u8]) {
        let (_, error, output, _) = talk(auth, [wire]);
        assert_eq!((error, &*output), (Some(expected), said), "{wire:?}");
    }

    #[test]
    fn a_password_is_asked_for_and_given_on() {
        let wire = b"\x05\x02\0\x02\x01\x04anna\x03key\x05\x03\0\x01\0\0\0\0\0\0rest";
        let (events, error, output, unread) = talk(Auth::Password, [&wire[..]]);
        assert_eq!(error, None);
        let [Event::Credentials { user, password }, Event::Request(request)] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!((&user[..], &password[..]), (&b"anna"[..], &b"key"[..]));
        assert_eq!(request.command, Command::UdpAssociate);
        assert_eq!(output, b"\x05\x02\x01\0\x05\0\0\x01\xc0\0\x02\x07\x0f\xa0");
        assert_eq!(unread, "rest");
    }

    #[test]
    fn a_password_is_taken_where_it_is_offered() {
        let request = b"\x05\x03\0\x01\0\0\0\0\0\0";
        let with = [b"\x05\x02\0\x02\x01\x04anna\x03key", &request[..]].concat();
        let without = [b"\x05\x01\0", &request[..]].concat();
        for (wire, events, method) in [(with, 2, 2), (without, 1, 0)] {
            let (said, error, output, _) = talk(Auth::Either, [&wire[..]]);
            assert_eq!((said.len(), error, output.get(1)), (events, None, Some(&method)));
        }
        check_error(Auth::Either, b"\x05\x01\x01", SocksError::Method, b"\x05\xff");
    }

    #[test]
    fn what_cannot_be_served_is_told_where_it_can_be() {
        use SocksError::{Command, Host, Method, Version};
        let name = [b"\x05\x01\0\x05\x01\0\x03\x02a:\0\x50".as_slice()].concat();
        let rejected = b"\0\x5b\0\0\0\0\0\0";
        let known = b"\x04\x01\0\x50\xc0\0\x02\x01anna\0";
        check_error(Auth::Password, known, Method, rejected);
        check_error(Auth::None, b"\x04\x03", Command { command: 3 }, rejected);
        let long = [&b"\x04\x01\0\x50\xc0\0\x02\x01"[..], &[b'a'; 256]].concat();
        check_error(Auth::None, &long, Host(HostError::Name), rejected);
        let no_name = b"\x04\x01\0\x50\0\0\0\x01\0a:\0";
        check_error(Auth::None, no_name, Host(HostError::Name), rejected);
        check_error(Auth::None, b"GET / HTTP/1.1", Version { version: b'G' }, b"");
        check_error(Auth::None, b"\x05\x01\x02", Method, b"\x05\xff");
        check_error(Auth::Password, b"\x05\x01\0", Method, b"\x05\xff");
        check_error(
            Auth::Password,
            b"\x05\x01\x02\x05",
            Version { version: 5 },
            b"\x05\x02\x01\x01",
        );
        let failed = |code| [b"\x05\0\x05", &[code][..], b"\0\x01\0\0\0\0\0\0"].concat();
        check_error(Auth::None, b"\x05\x01\0\x05\x09\0\x01", Command { command: 9 }, &failed(7));
        let kind = Host(HostError::Kind { kind: 9 });
        check_error(Auth::None, b"\x05\x01\0\x05\x01\0\x09", kind, &failed(8));
        check_error(Auth::None, &name, Host(HostError::Name), &failed(4));
    }

    #[test]
    fn version_4_names_addresses_and_with_4a_hosts() {
        for (wire, host) in [
            (&b"\x04\x01\0\x50\xc0\0\x02\x01anna\0rest"[..], "192.0.2.1"),
            (b"\x04\x01\0\x50\xc0\0\x02\x01\0rest", "192.0.2.1"),
            (b"\x04\x01\0\x50\0\0\0\x07anna\0A.Example.\0rest", "a.example"),
        ] {
            let (events, error, output, unread) = talk(Auth::Either, [wire]);
            let [Event::Request(request)] = &events[..] else { panic!("{events:?}") };
            assert_eq!((error, &*unread), (None, &b"rest"[..]));
            assert_eq!(request.command, Command::Connect);
            assert_eq!(request.destination.host.to_string(), host);
            assert_eq!(request.destination.port, 80);
            assert_eq!(output, b"\0\x5a\x0f\xa0\xc0\0\x02\x07");
        }
    }

    #[test]
    fn a_refused_client_hears_no_more() {
        let mut server = Server::new(Auth::Password);
        server.receive(b"\x05\x01\x02\x01\x01a\x01b\x05\x01\0\x01\0\0\0\0\0\0");
        assert!(matches!(server.poll_event(), Ok(Some(Event::Credentials { .. }))));
        assert_eq!(server.poll_event(), Ok(None), "not before the answer");
        server.turn_away();
        assert_eq!(server.poll_event(), Ok(None));
        let mut out = Vec::new();
        assert_eq!(server.poll_output(&mut out), 4);
        assert_eq!(out.concat(), b"\x05\x02\x01\x01");
        assert!(!server.wants_input());
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            wire in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..60),
                Just(b"\x05\x01\0\x05\x01\0\x03\x09a.example\x01\xbbhello".to_vec()),
                Just(b"\x04\x01\0\x50\0\0\0\x07anna\0a.example\0hello".to_vec()),
                Just(b"\x05\x02\0\x02\x01\x04anna\x03key\x05\x03\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0rest".to_vec()),
            ],
            size in 1_usize..9,
            auth in proptest::sample::select(vec![Auth::None, Auth::Password, Auth::Either]),
        ) {
            prop_assert_eq!(talk(auth, wire.chunks(size)), talk(auth, [&wire[..]]));
        }
    }
}
