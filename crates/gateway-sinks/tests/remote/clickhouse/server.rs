//! A ClickHouse server of a test's own: started, asked, stopped and started again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::sql::{post, statements};

pub(crate) const USER: &str = "writer";
pub(crate) const PASSWORD: &str = "right one";

/// A running server; stopped at the end.
pub(crate) struct Server {
    folder: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl Server {
    /// Starts one with its files in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let folder = folder.join("clickhouse");
        std::fs::create_dir_all(&folder).unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut server = Self { folder, address: free.local_addr().unwrap(), child: None };
        drop(free);
        server.configure();
        server.start_again();
        server
    }

    fn configure(&self) {
        let folder = self.folder.display();
        let config = format!(
            "<?xml version=\"1.0\"?><yandex>\
             <logger><level>warning</level><console>1</console></logger>\
             <http_port>{}</http_port><listen_host>127.0.0.1</listen_host>\
             <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>\
             <users_config>users.xml</users_config><default_profile>default</default_profile>\
             <default_database>default</default_database>\
             <mark_cache_size>67108864</mark_cache_size>\
             <uncompressed_cache_size>8388608</uncompressed_cache_size></yandex>",
            self.address.port()
        );
        let user = |name: &str, password: &str| {
            format!(
                "<{name}><password>{password}</password><networks><ip>127.0.0.1</ip></networks>\
                 <profile>default</profile><quota>default</quota></{name}>"
            )
        };
        let users = format!(
            "<?xml version=\"1.0\"?><yandex><profiles><default></default></profiles>\
             <users>{}{}</users><quotas><default></default></quotas></yandex>",
            user("default", ""),
            user(USER, PASSWORD),
        );
        std::fs::write(self.folder.join("config.xml"), config).unwrap();
        std::fs::write(self.folder.join("users.xml"), users).unwrap();
    }

    /// Starts it on the same data, and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        let log = std::fs::File::create(self.folder.join("log")).unwrap();
        let child = Command::new("clickhouse-server")
            .arg(format!("--config-file={}", self.folder.join("config.xml").display()))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("clickhouse-server of Debian is needed");
        self.child = Some(child);
        let start = Instant::now();
        while self.post("SELECT 1").is_none_or(|answer| answer.trim() != "1") {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(120), "{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it as a crash would.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Makes the table, by the file that is shipped for old servers.
    pub(crate) fn set_up(&self) {
        for statement in statements("setup-18.sql") {
            self.ask(&statement);
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The answer to a statement that must succeed.
    pub(crate) fn ask(&self, statement: &str) -> String {
        self.post(statement).unwrap_or_else(|| panic!("no answer to {statement}"))
    }

    fn post(&self, statement: &str) -> Option<String> {
        post(self.address, statement)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
