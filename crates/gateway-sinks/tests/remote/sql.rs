//! Statements of ClickHouse, and the simplest way to have them carried out.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// The statements of a file in `deploy/clickhouse/`.
pub(crate) fn statements(file: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/clickhouse");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
    let statements = lines.join("\n");
    let statements = statements.split(';').map(str::trim).filter(|text| !text.is_empty());
    statements.map(str::to_owned).collect()
}

/// The answer of the server at `address`, if there is one; it must not be an error.
pub(crate) fn post(address: SocketAddr, statement: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let request = format!(
        "POST / HTTP/1.0\r\nHost: clickhouse\r\nContent-Length: {}\r\n\r\n{statement}",
        statement.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    assert!(head.contains(" 200 "), "{statement}: {answer}");
    Some(body.to_owned())
}
