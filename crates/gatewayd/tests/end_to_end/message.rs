//! HTTP/1.1 messages as a test reads them, on either side. It takes what well-formed peers send;
//! what the gateway makes of others is seen in the raw bytes.

use std::io::{self, BufRead};

/// The first line and the fields of a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) start: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Head {
    /// The value of the first field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The status of a response; 0 for what is none.
    pub(crate) fn status(&self) -> u16 {
        self.start.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// The target of a request.
    pub(crate) fn target(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }
}

/// A message that was read to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// Informational responses before it.
    pub(crate) before: Vec<Head>,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
}

impl Message {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Reads a head; `None` when the other end has sent all it had.
pub(crate) fn read_head(from: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut start = String::new();
    if from.read_line(&mut start)? == 0 {
        return Ok(None);
    }
    let start = start.trim_end().to_owned();
    Ok(Some(Head { start, fields: read_fields(from)? }))
}

fn read_fields(from: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut fields = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(fields);
        }
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        fields.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// Reads a request; `None` when there is no more.
pub(crate) fn read_request(from: &mut impl BufRead) -> io::Result<Option<Message>> {
    let Some(head) = read_head(from)? else { return Ok(None) };
    let mut message = Message { head, ..Message::default() };
    read_body(from, &mut message)?;
    Ok(Some(message))
}

/// Reads the response to a request of this method, with the informational ones before it.
pub(crate) fn read_response(from: &mut impl BufRead, method: &str) -> io::Result<Message> {
    let mut message = Message::default();
    loop {
        let head = read_head(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if (100..200).contains(&head.status()) && head.status() != 101 {
            message.before.push(head);
            continue;
        }
        message.head = head;
        break;
    }
    let status = message.head.status();
    if method == "HEAD" || matches!(status, 101 | 204 | 304) {
        return Ok(message);
    }
    if message.head.field("content-length").is_none()
        && message.head.field("transfer-encoding").is_none()
    {
        from.read_to_end(&mut message.body)?;
        return Ok(message);
    }
    read_body(from, &mut message)?;
    Ok(message)
}

/// Reads a body whose head says how long it is; none otherwise.
fn read_body(from: &mut impl BufRead, message: &mut Message) -> io::Result<()> {
    if message.head.field("transfer-encoding").is_some() {
        while let Some(chunk) = read_chunk(from)? {
            message.body.extend(chunk);
        }
        message.trailers = read_fields(from)?;
    } else if let Some(length) = message.head.field("content-length") {
        let length: usize = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
        message.body.resize(length, 0);
        from.read_exact(&mut message.body)?;
    }
    Ok(())
}

/// Reads one chunk; `None` for the last, which is empty.
pub(crate) fn read_chunk(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let length =
        usize::from_str_radix(line.trim_end(), 16).map_err(|_| io::ErrorKind::UnexpectedEof)?;
    if length == 0 {
        return Ok(None);
    }
    let mut chunk = vec![0; length + 2];
    from.read_exact(&mut chunk)?;
    chunk.truncate(length);
    Ok(Some(chunk))
}

/// A response with this body.
pub(crate) fn response(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut out =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{fields}\r\n").into_bytes();
    out.extend(body);
    out
}

/// A response with this body in chunks of so many bytes.
pub(crate) fn chunked_response(fields: &str, body: &[u8], chunk_bytes: usize) -> Vec<u8> {
    let mut out =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{fields}\r\n").into_bytes();
    for piece in body.chunks(chunk_bytes) {
        out.extend(chunk(piece));
    }
    out.extend(b"0\r\n\r\n");
    out
}

/// One chunk.
pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
