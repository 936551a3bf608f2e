//! A real ICAP server, `c-icap`, with a service that changes nothing and, where there is a daemon for
//! it, one that looks for malware.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::clamd::Clamd;
use crate::gateway::PATIENCE;

/// A server on a free port of loopback.
pub(crate) struct CIcap {
    child: Child,
    dir: PathBuf,
    port: u16,
}

impl CIcap {
    /// Starts one with the service `echo`; and with `scan`, if `clamd` looks at content for it.
    pub(crate) fn start(clamd: Option<&Clamd>) -> Self {
        Self::start_with(clamd, "")
    }

    /// The same, with more lines in its configuration.
    pub(crate) fn start_with(clamd: Option<&Clamd>, more: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // The path of its socket must be short.
        let name = format!("gateway-c-icap-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        fs::create_dir_all(&dir).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = dir.display();
        let mut config = format!(
            "PidFile {path}/pid\nCommandsSocket {path}/ctl\nTimeout 30\n\
             MaxKeepAliveRequests 100\nKeepAliveTimeout 2\nStartServers 1\nMaxServers 2\n\
             ThreadsPerChild 8\nPort 127.0.0.1:{port}\nTmpDir {path}\n\
             ServerLog {path}/server.log\nAccessLog {path}/access.log\n\
             LoadMagicFile /etc/c-icap/c-icap.magic\n\
             TemplateDir /usr/share/c_icap/templates/\nTemplateDefaultLanguage en\n\
             ModulesDir /usr/lib/x86_64-linux-gnu/c_icap\n\
             ServicesDir /usr/lib/x86_64-linux-gnu/c_icap\nService echo srv_echo.so\n"
        );
        if let Some(clamd) = clamd {
            config.push_str(&format!(
                "Module common clamd_mod.so\nclamd_mod.ClamdSocket {}\n\
                 Service scan virus_scan.so\nvirus_scan.DefaultEngine clamd\n\
                 virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE\n\
                 virus_scan.SendPercentData 0\nvirus_scan.MaxObjectSize 50M\n",
                clamd.socket().display()
            ));
        }
        config.push_str(more);
        fs::write(dir.join("c-icap.conf"), config).unwrap();
        let child = Self::spawn(&dir);
        let server = Self { child, dir, port };
        server.wait();
        server
    }

    fn spawn(dir: &std::path::Path) -> Child {
        Command::new("c-icap")
            .args(["-N", "-f"])
            .arg(dir.join("c-icap.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn wait(&self) {
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.dir.join("server.log"));
            assert!(Instant::now() < until, "{log:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The table that sends messages through its `service`.
    pub(crate) fn table(&self, service: &str, more: &str) -> String {
        table(self.port, service, more)
    }

    pub(crate) fn stop(&mut self) {
        // Its children end with it when it is asked to end.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }

    pub(crate) fn start_anew(&mut self) {
        self.stop();
        self.child = Self::spawn(&self.dir);
        self.wait();
    }
}

impl Drop for CIcap {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The table of a service of the name `icap` at `port` of loopback.
pub(crate) fn table(port: u16, service: &str, more: &str) -> String {
    format!("[[icap]]\nname = \"icap\"\nurl = \"icap://127.0.0.1:{port}/{service}\"\n{more}\n")
}
