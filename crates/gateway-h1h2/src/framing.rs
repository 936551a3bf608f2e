//! The one decision about where a message ends: the whole table of RFC 9112 §6.3.
//!
//! Both directions use it. A parser asks it what follows a head; a serializer asks it what the
//! peer will understand from the framing fields that it is about to write.

use http::{Method, StatusCode};

/// How the end of a message's body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// There is no body.
    None,
    /// The body has this many bytes.
    Length(u64),
    /// The body is chunked (RFC 9112 §7.1).
    Chunked,
    /// The body lasts until the connection ends: responses only.
    UntilClose,
}

/// What the framing fields of a head say, once they have been found to be unambiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Declared {
    /// Neither `Content-Length` nor `Transfer-Encoding`.
    Nothing,
    /// `Content-Length`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// Which message is to be framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A request.
    Request,
    /// A response.
    Response {
        /// The method of the request that is answered.
        method: &'a Method,
        /// The status of the response.
        status: StatusCode,
    },
}

impl Framing {
    /// Decides where `message` ends, by the rules of RFC 9112 §6.3 in their order.
    ///
    /// ```
    /// use gateway_h1h2::{Declared, Framing, Message};
    /// use http::{Method, StatusCode};
    ///
    /// let to_head = Message::Response { method: &Method::HEAD, status: StatusCode::OK };
    /// assert_eq!(Framing::decide(to_head, Declared::Length(5)), Framing::None);
    /// let to_get = Message::Response { method: &Method::GET, status: StatusCode::OK };
    /// assert_eq!(Framing::decide(to_get, Declared::Nothing), Framing::UntilClose);
    /// ```
    pub fn decide(message: Message<'_>, declared: Declared) -> Self {
        if let Message::Response { method, status } = message {
            // Rules 1 and 2: no body, whatever the fields say.
            let bodiless = *method == Method::HEAD
                || status.is_informational()
                || status == StatusCode::NO_CONTENT
                || status == StatusCode::NOT_MODIFIED;
            if bodiless || (*method == Method::CONNECT && status.is_success()) {
                return Self::None;
            }
        }
        match (declared, message) {
            (Declared::Chunked, _) => Self::Chunked,
            (Declared::Length(0), _) => Self::None,
            (Declared::Length(bytes), _) => Self::Length(bytes),
            (Declared::Nothing, Message::Request) => Self::None,
            (Declared::Nothing, Message::Response { .. }) => Self::UntilClose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Method = Method::GET;
    const HEAD: Method = Method::HEAD;
    const CONNECT: Method = Method::CONNECT;

    /// The framing for nothing, for a length of 7, and for chunks.
    #[track_caller]
    fn check(message: Message<'_>, expected: [Framing; 3]) {
        let declared = [Declared::Nothing, Declared::Length(7), Declared::Chunked];
        assert_eq!(declared.map(|declared| Framing::decide(message, declared)), expected);
    }

    fn response(method: &Method, status: u16) -> Message<'_> {
        Message::Response { method, status: StatusCode::from_u16(status).expect("a status") }
    }

    #[test]
    fn the_table_of_rfc_9112_6_3() {
        let body = [Framing::Length(7), Framing::Chunked];
        check(Message::Request, [Framing::None, body[0], body[1]]);
        for status in [200, 201, 206, 301, 400, 407, 500, 599, 999] {
            check(response(&GET, status), [Framing::UntilClose, body[0], body[1]]);
        }
        for status in [100, 101, 103, 199, 204, 304] {
            check(response(&GET, status), [Framing::None; 3]);
        }
        for status in [100, 200, 204, 304, 404, 500] {
            check(response(&HEAD, status), [Framing::None; 3]);
        }
        for status in [200, 204, 299] {
            check(response(&CONNECT, status), [Framing::None; 3]);
        }
        for status in [300, 403, 407, 502] {
            check(response(&CONNECT, status), [Framing::UntilClose, body[0], body[1]]);
        }
    }

    #[test]
    fn an_empty_body_is_none() {
        assert_eq!(Framing::decide(Message::Request, Declared::Length(0)), Framing::None);
        assert_eq!(Framing::decide(response(&GET, 200), Declared::Length(0)), Framing::None);
    }
}
