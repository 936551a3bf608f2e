//! Ends that take nothing of what waits for them: how long that may be is set, for both versions.

use std::thread;
use std::time::Duration;

use crate::authority::{OriginAuthority, Validity};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::Setup;
use crate::message::read_head;
use crate::origin::Origin;

#[test]
fn an_origin_that_takes_nothing_of_an_upload_is_given_up() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let origin = Origin::raw(Some(tls), |connection| {
        read_head(connection)?;
        // It stays, and reads nothing.
        thread::sleep(Duration::from_secs(3_600));
        Ok(())
    });
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .trusts(&authority)
        .timeout("stall_ms", 500)
        .timeout("response_head_ms", 3_600_000)
        .start();
    let file = gateway.scratch().join("upload");
    std::fs::write(&file, vec![b'x'; 40 << 20]).unwrap();
    let upload = format!("@{}", file.display());
    for version in ["--http1.1", "--http2"] {
        let url = format!("https://origin.test:{}/{version}", origin.port);
        let fetched = fetch(&gateway, &url, &[version, "-H", "Expect:", "--data-binary", &upload]);
        assert_eq!(fetched.status(), 504, "{version}: {fetched:?}");
        let record = gateway.http_record(&url);
        assert_eq!(record["ConnectionCloseReason"], "ORIGIN_ERROR", "{record}");
    }
}

#[test]
fn a_client_that_takes_nothing_of_a_download_is_given_up() {
    let origin = Origin::raw(None, |connection| {
        read_head(connection)?;
        let out = connection.get_mut();
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")?;
        loop {
            out.write_all(&[b'x'; 100_000])?;
        }
    });
    let gateway = Setup::new().timeout("stall_ms", 500).start();
    let mut client = Client::new(&gateway);
    let url = format!("http://origin.test:{}/large", origin.port);
    client.send(format!("GET {url} HTTP/1.1\r\nHost: x\r\n\r\n"));
    let record = gateway.http_record("/large");
    assert_eq!(record["ConnectionCloseReason"], "CLIENT_IDLE_TIMEOUT", "{record}");
    assert_eq!(record["HTTPStatusCode"], 200, "{record}");
}
