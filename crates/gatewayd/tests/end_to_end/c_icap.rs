//! A real ICAP server, `c-icap`, with a service that changes nothing and, where there is a daemon for
//! it, one that looks for malware.

use std::fs;
use std::net::TcpStream;

use crate::clamd::Clamd;
use crate::daemon::{self, Daemon};
use crate::ports::free_port;

/// A server on a free port of loopback.
pub(crate) struct CIcap {
    daemon: Daemon,
    port: u16,
}

impl CIcap {
    /// Starts one with the services `echo` and `ex206`; and with `scan`, if `clamd` looks at content for it.
    pub(crate) fn start(clamd: Option<&Clamd>) -> Self {
        Self::start_with(clamd, "")
    }

    /// The same, with more lines in its configuration.
    pub(crate) fn start_with(clamd: Option<&Clamd>, more: &str) -> Self {
        let dir = daemon::folder("c-icap");
        let port = free_port();
        let path = dir.display();
        let mut config = format!(
            "PidFile {path}/pid\nCommandsSocket {path}/ctl\nTimeout 30\n\
             MaxKeepAliveRequests 100\nKeepAliveTimeout 2\nStartServers 1\nMaxServers 2\n\
             ThreadsPerChild 8\nPort 127.0.0.1:{port}\nTmpDir {path}\n\
             ServerLog {path}/log\nAccessLog {path}/access.log\n\
             LoadMagicFile /etc/c-icap/c-icap.magic\n\
             TemplateDir /usr/share/c_icap/templates/\nTemplateDefaultLanguage en\n\
             ModulesDir /usr/lib/x86_64-linux-gnu/c_icap\n\
             ServicesDir /usr/lib/x86_64-linux-gnu/c_icap\nService echo srv_echo.so\n\
             Service ex206 srv_ex206.so\n"
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
        let file = dir.join("c-icap.conf");
        fs::write(&file, config).unwrap();
        let arguments = ["-N", "-f", file.to_str().unwrap()];
        let answers = move || TcpStream::connect(("127.0.0.1", port)).is_ok();
        Self { daemon: Daemon::start("c-icap", &arguments, dir, answers), port }
    }

    /// The table that sends messages through its `service`.
    pub(crate) fn table(&self, service: &str, more: &str) -> String {
        table(self.port, service, more)
    }

    /// Where it listens on loopback.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn stop(&mut self) {
        self.daemon.stop();
    }

    pub(crate) fn start_anew(&mut self) {
        self.daemon.start_anew();
    }
}

/// The table of a service of the name `icap` at `port` of loopback.
pub(crate) fn table(port: u16, service: &str, more: &str) -> String {
    format!("[[icap]]\nname = \"icap\"\nurl = \"icap://127.0.0.1:{port}/{service}\"\n{more}\n")
}
