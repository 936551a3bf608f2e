//! What every connection keeps to, whatever it goes over. Part of tests alone.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes pass between the two ends of a connection, and each direction ends by itself.
pub(super) async fn each_direction_ends_by_itself(
    mut one: impl AsyncRead + AsyncWrite + Unpin,
    mut other: impl AsyncRead + AsyncWrite + Unpin,
) {
    one.write_all(b"ping").await.unwrap();
    one.shutdown().await.unwrap();
    let mut read = Vec::new();
    other.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, b"ping");
    other.write_all(b"pong").await.unwrap();
    drop(other);
    read.clear();
    one.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, b"pong");
    let error = one.write_all(b"x").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}
