//! Delivery to ClickHouse by its official client: RowBinary over HTTP, packed with LZ4.
//!
//! A batch is one `INSERT`; the server's 200 confirms all of it. What it does not confirm is
//! inserted again: `deploy/clickhouse/` defines a table that merges what stands in it twice.

mod row;

use std::sync::Arc;
use std::time::Duration;

use clickhouse::{Client, Compression};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::StartError;
use crate::clickhouse_config::{ClickhouseColumns, ClickhouseConfig};
use crate::delivery::{Failed, Parcel, Remote};
use row::Row;

/// A client for one table.
pub(crate) struct Clickhouse {
    runtime: tokio::runtime::Runtime,
    client: Client,
    table: String,
    gather: Duration,
}

impl Clickhouse {
    /// A client by `config`. Connects to nothing yet.
    ///
    /// # Errors
    ///
    /// [`StartError::Secret`], [`StartError::Open`] for the CA file, [`StartError::Settings`].
    pub(crate) fn open(config: &ClickhouseConfig) -> Result<Self, StartError> {
        let failed = |message: String| StartError::Settings { sink: "clickhouse", message };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let tls = tls(config)?.map_err(|error| failed(error.to_string()))?;
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(config.timeout));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let http =
            legacy::Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(https);
        let mut client = Client::with_http_client(http)
            .with_url(&config.url)
            .with_database(&config.database)
            .with_compression(Compression::Lz4)
            .with_validation(config.columns == ClickhouseColumns::Asked);
        if !config.user.is_empty() {
            client = client.with_user(&config.user);
        }
        if let Some(password) = &config.password {
            client = client.with_password(password.read()?.reveal());
        }
        Ok(Self { runtime, client, table: config.table.clone(), gather: config.gather })
    }
}

/// ClickHouse closes idle connections after 3 s; a request must not run into that.
const IDLE: Duration = Duration::from_secs(2);

/// What is trusted: the system's CA certificates and those of the file.
fn tls(config: &ClickhouseConfig) -> Result<Result<ClientConfig, rustls::Error>, StartError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &config.ca {
        let open = |source| StartError::Open { path: path.clone(), source };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| open(std::io::Error::other(error)))?;
        roots.add_parsable_certificates(certificates);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(versions.map(|builder| builder.with_root_certificates(roots).with_no_client_auth()))
}

impl Remote for Clickhouse {
    fn gather(&self) -> Duration {
        self.gather
    }

    fn deliver(&mut self, batch: &[Parcel], timeout: Duration) -> Result<u64, Failed> {
        let (client, table) = (&self.client, self.table.as_str());
        let insert = async {
            let mut refused = 0;
            let mut insert = client.insert::<Row>(table).await?;
            for parcel in batch {
                match Row::read(parcel) {
                    Some(row) => insert.write(&row).await?,
                    None => refused += 1,
                }
            }
            insert.end().await?;
            Ok(refused)
        };
        let result = self.runtime.block_on(async { tokio::time::timeout(timeout, insert).await });
        let result = match result {
            Ok(result) => result.map_err(|error: clickhouse::error::Error| {
                Failed(error.to_string().lines().next().unwrap_or_default().to_owned())
            }),
            Err(_) => Err(Failed("the server does not confirm in time".into())),
        };
        if result.is_err() {
            // The table may have been changed.
            self.runtime.block_on(self.client.clear_cached_metadata());
        }
        result
    }
}
