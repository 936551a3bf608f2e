//! The bytes of a download on their way to the client that has asked for it.

use std::sync::Arc;

use gateway_proxy::PickupReport;
use tracing::error;

use super::file::Stored;
use super::shelf::Download;

/// Bytes that are read at a time.
const READ_BYTES: usize = 128 << 10;

/// A download that is being handed out.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    download: Arc<Download>,
    stored: Arc<Stored>,
    at: u64,
}

impl Delivery {
    /// From its first byte on.
    pub(super) const fn new(download: Arc<Download>, stored: Arc<Stored>) -> Self {
        Self { download, stored, at: 0 }
    }

    /// The next bytes, read on a thread for files; this goes on behind them. Needs the runtime once it is
    /// polled.
    pub(crate) fn next(&mut self) -> impl Future<Output = PickupReport> + Send + use<> {
        let now = self.clone();
        let left = self.stored.bytes().saturating_sub(self.at);
        self.at += left.min(READ_BYTES as u64);
        async move {
            now.download.touch();
            let read = tokio::task::spawn_blocking(move || now.stored.read(now.at, READ_BYTES));
            match read.await {
                Ok(Ok(bytes)) if bytes.is_empty() => PickupReport::End,
                Ok(Ok(bytes)) => PickupReport::Data(bytes),
                Ok(Err(error)) => {
                    error!("a download cannot be read: {error}");
                    PickupReport::Lost
                }
                // The gateway is stopped meanwhile.
                Err(_) => PickupReport::Lost,
            }
        }
    }
}
