//! Connections that are let go of.

use std::time::Duration;

use gateway_proxy::Close;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::stream::Stream;

/// How long a closed connection is read from, so that its last bytes are not lost to a reset.
const LINGER: Duration = Duration::from_secs(2);

/// Closes a connection in its own time.
pub(super) fn let_go(stream: Stream, close: Close) {
    match close {
        Close::Abort => stream.abort(),
        Close::Graceful => {
            tokio::spawn(timeout(LINGER, linger(stream)));
        }
    }
}

/// Ends the sending side and reads on to the other end's, so that what was sent last is not lost
/// to a reset.
async fn linger(mut stream: Stream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut bytes = vec![0; 4096];
    while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
}
