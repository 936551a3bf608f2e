//! Overwriting what was found, through a whole session: every byte of a finding and no other byte of
//! the body is overwritten, and the message is framed as it was, whatever the pieces.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_dlp::{DlpBuilder, Limits, ProfileConfig, RegexEntry};
use gateway_inspect::HoldPolicy;
use gateway_proxy::{
    Accepted, Clock, Dialed, Input, Output, Policy, Scanner, Session, Settings, Wire,
};
use gateway_rules::{Action, Layer, Options, Otherwise, Rule, RuleSet, Scheme};

const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 5000);
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 4));

/// What one byte of the script stands for in the body.
const WORDS: [&[u8]; 16] = [
    b"hush-1", b"hush-", b"hu", b"sh-", b"1", b"22", b"3", b" ", b"\n", b"--", b"h", b"hush-7 ",
    b".", b"hhush", b"-", b"mild",
];

static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let filter = r#"any(dlp.upload.profiles[*] == "p")"#;
    let rule = Rule::new("r", Layer::Http, Action::Redact(Otherwise::Block), filter);
    let rules = RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default());
    let dlp = DlpBuilder::new()
        .regex(RegexEntry::new("hush", "Hush", "hush-[0-9]{1,4}"))
        .profile(ProfileConfig::new("p", ["hush"]));
    let examiner = Arc::new(dlp.build(&Limits::default()).expect("an entry that builds"));
    Arc::new(Policy {
        rules: Arc::new(rules.expect("a valid rule")),
        scanners: vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Pass }],
        settings: Settings::default(),
        generation: 1,
    })
});

/// The first byte chooses the framing, the second the pieces; each of the rest is a word of the body.
pub fn redaction(data: &[u8]) {
    let Some((&[framing, cut], script)) = data.split_first_chunk() else { return };
    let words = script.iter().take(2 << 10).map(|byte| WORDS[usize::from(byte % 16)]);
    let body: Vec<u8> = words.flatten().copied().collect();
    let is_chunked = framing % 2 == 1;
    let message = message(&body, is_chunked, 1 + usize::from(framing));
    let left = through_session(&message, 1 + usize::from(cut));
    let (head, left) = split_head(&left);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let says_chunked = head.contains("transfer-encoding: chunked");
    assert_eq!(says_chunked, is_chunked, "{head}");
    let content = if is_chunked { dechunked(left) } else { left.to_vec() };
    assert!(is_chunked || head.contains(&format!("content-length: {}", body.len())), "{head}");
    assert_eq!(content.escape_ascii().to_string(), overwritten(&body).escape_ascii().to_string());
}

/// What is to become of a body: the expression, looked for the plain way.
fn overwritten(body: &[u8]) -> Vec<u8> {
    let mut out = body.to_vec();
    let mut at = 0;
    while let Some(found) = body[at..].windows(5).position(|five| five == b"hush-") {
        let start = at + found;
        let digits = body[start + 5..].iter().take(4).take_while(|byte| byte.is_ascii_digit());
        let end = start + 5 + digits.count();
        if end > start + 5 {
            out[start..end].fill(b'*');
        }
        at = end;
    }
    out
}

fn message(body: &[u8], is_chunked: bool, chunk: usize) -> Vec<u8> {
    let mut out = b"POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\
        Content-Type: application/octet-stream\r\n"
        .to_vec();
    if !is_chunked {
        out.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        out.extend(body);
        return out;
    }
    out.extend(b"Transfer-Encoding: chunked\r\n\r\n");
    for piece in body.chunks(chunk) {
        out.extend(format!("{:x}\r\n", piece.len()).bytes());
        out.extend(piece);
        out.extend(b"\r\n");
    }
    out.extend(b"0\r\n\r\n");
    out
}

/// What goes to the origin when the client sends `message` in pieces.
fn through_session(message: &[u8], cut: usize) -> Vec<u8> {
    static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);
    let clock = Clock::new(*EPOCH, 1_750_000_000_000_000_000, || Duration::ZERO);
    let (policy, known) = (POLICY.clone(), Default::default());
    let accepted = Accepted { policy, clock, client: CLIENT, id: "s".into(), known };
    let mut session = Session::new(accepted, *EPOCH);
    let (mut origin, mut left, mut rest) = (None, Vec::new(), message);
    let mut inputs = Vec::new();
    loop {
        let input = match inputs.pop() {
            Some(input) => input,
            None if rest.is_empty() || !session.wants(Wire::Client) => return left,
            None => {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                rest = after;
                Input::Bytes(Wire::Client, Bytes::copy_from_slice(piece))
            }
        };
        session.handle(input, *EPOCH);
        while let Some(output) = session.poll() {
            match output {
                Output::Resolve(stream, _) => {
                    inputs.push(Input::Resolved(stream, Ok(vec![ADDRESS])));
                }
                Output::Dial(dial) => {
                    origin = Some(Wire::Origin(dial.id));
                    let (peer, connect) = (SocketAddr::new(ADDRESS, 80), Duration::from_millis(3));
                    let dialed = Dialed { peer, local: CLIENT, reused: false, tls: None, connect };
                    inputs.push(Input::Dialed(dial.id, Ok(dialed)));
                }
                Output::Again => inputs.push(Input::Again),
                _ => {}
            }
        }
        let mut written = Vec::new();
        if let Some(origin) = origin {
            session.poll_output(origin, &mut written);
        }
        left.extend(written.concat());
        written.clear();
        session.poll_output(Wire::Client, &mut written);
        assert!(written.is_empty(), "an answer: {}", written.concat().escape_ascii());
    }
}

fn split_head(message: &[u8]) -> (&[u8], &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    message.split_at(end + 4)
}

/// The content of a whole body in chunks.
fn dechunked(body: &[u8]) -> Vec<u8> {
    let (mut rest, mut out) = (body, Vec::new());
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").expect("the size of a chunk");
        let size = std::str::from_utf8(&rest[..line]).expect("digits");
        let size = usize::from_str_radix(size, 16).expect("a size");
        let (data, after) = rest[line + 2..].split_at(size);
        rest = after.strip_prefix(b"\r\n").expect("the end of a chunk");
        if size == 0 {
            assert!(rest.is_empty(), "more behind the end");
            return out;
        }
        out.extend(data);
    }
}
