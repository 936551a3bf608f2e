//! What a proxy of HTTP/1 owes by the standards, duty by duty, and what this one does about it. The
//! table says what is to be done, not how: `tests/machines/duties` shows for each row that it is.

/// One duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Duty {
    /// Its number, from 1 on.
    pub number: u8,
    /// The text that asks for it, such as `RFC 9112 §3.2`.
    pub source: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// What this gateway does.
    pub done: &'static str,
}

const fn duty(number: u8, source: &'static str, about: &'static str, done: &'static str) -> Duty {
    Duty { number, source, about, done }
}

/// All duties, in the order of their numbers.
pub const DUTIES: [Duty; 28] = [
    duty(1, "RFC 9112 §3.2", "`Host` missing, repeated or invalid", "400, and the connection ends"),
    duty(
        2,
        "RFC 9112 §3.2.2",
        "absolute target",
        "`Host` is made from the target; the origin is asked in origin form",
    ),
    duty(
        3,
        "RFC 9112 §3.2.3",
        "target of CONNECT",
        "host and port, else 400; no body; nothing reaches the origin before the 200",
    ),
    duty(
        4,
        "RFC 9112 §9.6",
        "CONNECT that is refused",
        "the connection ends, and what was sent behind it in hope is dropped",
    ),
    duty(5, "RFC 9112 §3.2.4", "OPTIONS about a whole server", "the origin is asked for `*`"),
    duty(
        6,
        "RFC 9110 §7.6.1",
        "fields of one hop",
        "taken out, those that `Connection` names too; 400 if it names one for the other end",
    ),
    duty(
        7,
        "RFC 9110 §11.7",
        "authentication with proxies",
        "credentials and challenges stay on their hop",
    ),
    duty(
        8,
        "RFC 9110 §7.6.3",
        "`Via`",
        "added both ways; 508 for a request that comes round again",
    ),
    duty(
        9,
        "RFC 9110 §7.6.2",
        "`Max-Forwards`",
        "counted down for OPTIONS and answered here at 0; TRACE is refused with 405",
    ),
    duty(
        10,
        "RFC 9112 §6.1",
        "both framing fields",
        "400 for a request, 502 for a response, and the connection ends",
    ),
    duty(
        11,
        "RFC 9112 §6.1",
        "`Transfer-Encoding` other than `chunked`",
        "501 for another coding, 400 for a repeated one and in HTTP/1.0, 502 for a response",
    ),
    duty(
        12,
        "RFC 9110 §8.6",
        "`Content-Length`",
        "one line with one number of 64 bits, else 400, or 502 for a response",
    ),
    duty(
        13,
        "RFC 9112 §6.3",
        "where a body ends",
        "one decision for reading, rules and writing; a body up to the end is sent in chunks",
    ),
    duty(14, "RFC 9112 §5.1", "blanks before the colon", "400, or 502 for a response"),
    duty(15, "RFC 9112 §5.2", "folded fields", "400, or 502 for a response"),
    duty(
        16,
        "RFC 9112 §2.2",
        "LF or CR alone",
        "400, or 502 for a response, in heads and around chunks; never sent",
    ),
    duty(
        17,
        "RFC 9112 §7.1.1",
        "chunks",
        "sizes of 16 hexadecimal digits at most; extensions are bounded and dropped",
    ),
    duty(
        18,
        "RFC 9110 §6.5",
        "trailers",
        "passed on; refused where they would frame, route or authenticate",
    ),
    duty(
        19,
        "RFC 9110 §10.1.1",
        "`Expect`",
        "the origin is asked unless the rules want the body first; 417 for anything unknown",
    ),
    duty(
        20,
        "RFC 9110 §15.2",
        "interim responses",
        "passed on, eight at the most, to who knows them; 101 only where it was asked for",
    ),
    duty(
        21,
        "RFC 9110 §7.8",
        "`Upgrade`",
        "nothing passes before the 101; 400 with a body; `h2c` is taken out",
    ),
    duty(
        22,
        "RFC 9112 §9.3.2",
        "pipelined requests",
        "one after the other; what is left of a body is never taken for a request",
    ),
    duty(
        23,
        "RFC 9112 §3",
        "bytes of a target",
        "no control, space, fragment or user; what the rules see is what is sent",
    ),
    duty(
        24,
        "RFC 9110 §7.7",
        "`no-transform`",
        "content passes byte for byte; it may be blocked, and not changed",
    ),
    duty(25, "RFC 9112 §2.2", "empty lines before a request", "one is passed over, more are 400"),
    duty(
        26,
        "RFC 9112 §2.3",
        "versions",
        "400 for HTTP/0.9 and other spellings, 505 for other versions; HTTP/2 by its preface",
    ),
    duty(
        27,
        "RFC 9113 §8.2",
        "from HTTP/2 to HTTP/1",
        "a message that would not be one in HTTP/1 resets its stream; crumbs of cookies are joined",
    ),
    duty(
        28,
        "RFC 9113 §8.3",
        "from HTTP/1 to HTTP/2",
        "`Host` becomes `:authority`; fields of one hop stay here; `te` is `trailers` alone",
    ),
];
