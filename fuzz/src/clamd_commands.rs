//! What clients ask the clamd socket for: it does not depend on how it comes in pieces, content is
//! asked about once it is whole alone, and answers are lines that end as their commands do.

use bytes::Bytes;
use gateway_av::clamd::{Answer, Ask, Files, Server, ServerLimits};

/// The first byte says which files may be looked at and the length of the pieces, the rest is what
/// comes.
pub fn clamd_commands(data: &[u8]) {
    let Some((&setting, wire)) = data.split_first() else { return };
    let files = match setting & 3 {
        0 => Files::Nothing,
        1 => Files::Descriptors,
        _ => Files::DescriptorsAndNames,
    };
    let whole = talk(files, [wire]);
    let pieces = talk(files, wire.chunks(usize::from(setting >> 2) + 1));
    assert_eq!(pieces, whole, "in pieces");
}

/// What was asked, pieces of content joined, and what was answered.
fn talk<'a>(files: Files, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Ask>, Vec<Bytes>) {
    let mut limits = ServerLimits::default();
    (limits.files, limits.stream_bytes_max, limits.command_bytes_max) = (files, 1_000, 100);
    let mut server = Server::new(limits, "0/0/");
    let (mut asks, mut answers): (Vec<Ask>, Vec<Bytes>) = (Vec::new(), Vec::new());
    let (mut is_open, mut content) = (false, 0);
    for piece in pieces {
        server.receive(piece);
        while let Some(ask) = server.poll() {
            match &ask {
                Ask::Begin => (is_open, content) = (true, 0),
                Ask::Content(bytes) => {
                    assert!(is_open && !bytes.is_empty());
                    content += bytes.len();
                    assert!(content <= 1_000);
                }
                Ask::Dropped | Ask::Verdict => {
                    assert!(is_open);
                    is_open = false;
                }
                _ => assert!(!is_open),
            }
            let answer = match &ask {
                Ask::Verdict => Some(Answer::Found(format!("a {content}"))),
                Ask::Descriptor => Some(Answer::Clean),
                Ask::Name { name, .. } => Some(Answer::Lines(vec![
                    (name.clone(), Answer::Clean),
                    (name.clone(), Answer::Failed("\n\0".into())),
                ])),
                Ask::Stats => Some(Answer::Stats { running: 1, running_max: 2, waiting: 0 }),
                _ => None,
            };
            if let Some(answer) = answer {
                server.answer(&answer);
            }
            match (asks.last_mut(), ask) {
                (Some(Ask::Content(last)), Ask::Content(next)) => {
                    *last = [&last[..], &next[..]].concat().into();
                }
                (_, ask) => asks.push(ask),
            }
        }
        while let Some(answer) = server.poll_output() {
            assert!(matches!(answer.last(), Some(b'\n' | 0)));
            assert!(!answer[..answer.len() - 1].contains(&0));
            answers.push(answer);
        }
    }
    (asks, answers)
}
