//! Scanners outside that the demo's gateway asks, where they are installed: ClamAV's daemon, and the
//! ICAP server c-icap. Each runs for the demo alone, in its folder, and ends with it.

mod program;

use std::error::Error;
use std::ffi::OsStr;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use self::program::Program;
use super::stage::quoted;

/// The signature of [`WORM`](super::wares::WORM) that clamd alone has (its `.ndb` form: the bytes
/// anywhere in a file of any kind).
const SIGNATURES: &str = "Demo.Worm-1:0:*:776f726d2d6f662d7468652d64656d6f\n";

/// What runs, and what does not.
pub(super) struct Outside {
    pub(super) clamd: Result<Clamd, Missing>,
    pub(super) c_icap: Result<CIcap, Missing>,
}

/// Why a program takes no part.
#[derive(Debug, thiserror::Error)]
pub(super) enum Missing {
    #[error("{0} is not installed")]
    NotInstalled(&'static str),
    #[error("{program} does not start: {said}")]
    NotStarted { program: &'static str, said: String },
}

impl Outside {
    /// Starts what is installed, by what the variable `PATH` holds; their files go into `dir`.
    ///
    /// # Errors
    ///
    /// If `dir` cannot be written to.
    pub(super) fn start(dir: &Path, path: &OsStr) -> Result<Self, Box<dyn Error>> {
        let folders = folders(path);
        let clamd = match find("clamd", &folders) {
            Some(program) => Clamd::start(&program, dir.join("clamd"))?,
            None => Err(Missing::NotInstalled("clamd")),
        };
        let c_icap = match find("c-icap", &folders) {
            Some(program) => CIcap::start(&program, dir.join("c-icap"))?,
            None => Err(Missing::NotInstalled("c-icap")),
        };
        Ok(Self { clamd, c_icap })
    }

    /// The tables of `gateway.toml` that name them.
    pub(super) fn settings(&self) -> String {
        let clamd = self.clamd.as_ref().map(Clamd::table).unwrap_or_default();
        let c_icap = self.c_icap.as_ref().map(CIcap::table).unwrap_or_default();
        format!("{clamd}{c_icap}")
    }

    /// Why steps are left out.
    pub(super) fn missing(&self) -> impl Iterator<Item = (&'static str, &Missing)> {
        let clamd = self.clamd.as_ref().err().map(|why| ("no scan by a daemon", why));
        let c_icap = self.c_icap.as_ref().err().map(|why| ("no service of ICAP", why));
        clamd.into_iter().chain(c_icap)
    }
}

/// ClamAV's daemon, with a database of its own.
pub(super) struct Clamd {
    socket: PathBuf,
    _running: Program,
}

impl Clamd {
    fn start(program: &Path, dir: PathBuf) -> io::Result<Result<Self, Missing>> {
        std::fs::create_dir_all(dir.join("db"))?;
        std::fs::write(dir.join("db/demo.ndb"), SIGNATURES)?;
        let (path, socket, config) = (dir.display(), dir.join("socket"), dir.join("conf"));
        std::fs::write(
            &config,
            format!(
                "LocalSocket {path}/socket\nDatabaseDirectory {path}/db\n\
                 TemporaryDirectory {path}\nForeground yes\n"
            ),
        )?;
        let arguments = [OsStr::new("--config-file"), config.as_os_str()];
        let running = Program::start(program, &arguments, &dir.join("said"), || {
            UnixStream::connect(&socket).is_ok()
        })?;
        let not_started = |said| Missing::NotStarted { program: "clamd", said };
        Ok(running.map(|running| Self { socket, _running: running }).map_err(not_started))
    }

    fn table(&self) -> String {
        let address = quoted(Path::new(&format!("unix:{}", self.socket.display())));
        format!("\n[clamd]\naddress = {address}\n")
    }
}

/// c-icap with its service `echo`, which gives every message back as it was.
pub(super) struct CIcap {
    port: u16,
    _running: Program,
}

impl CIcap {
    fn start(program: &Path, dir: PathBuf) -> io::Result<Result<Self, Missing>> {
        let Some(services) = services(program) else {
            let said = "its service srv_echo.so is not there".to_owned();
            return Ok(Err(Missing::NotStarted { program: "c-icap", said }));
        };
        std::fs::create_dir_all(&dir)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let (path, services, config) = (dir.display(), services.display(), dir.join("conf"));
        std::fs::write(
            &config,
            format!(
                "PidFile {path}/pid\nCommandsSocket {path}/ctl\nKeepAliveTimeout 2\n\
                 StartServers 1\nMaxServers 2\nThreadsPerChild 8\nPort 127.0.0.1:{port}\n\
                 TmpDir {path}\nServerLog {path}/log\nAccessLog {path}/access\n\
                 ModulesDir {services}\nServicesDir {services}\nService echo srv_echo.so\n"
            ),
        )?;
        let arguments = [OsStr::new("-N"), OsStr::new("-f"), config.as_os_str()];
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let running = Program::start(program, &arguments, &dir.join("said"), || {
            TcpStream::connect(address).is_ok()
        })?;
        let not_started = |said| Missing::NotStarted { program: "c-icap", said };
        Ok(running.map(|running| Self { port, _running: running }).map_err(not_started))
    }

    /// It gets what one path has to do with, so that the other steps show what they show alone.
    fn table(&self) -> String {
        format!(
            "\n[[icap]]\nname = \"c-icap\"\nurl = \"icap://127.0.0.1:{}/echo\"\n\
             when = 'http.request.uri.path == \"{}\"'\n",
            self.port,
            super::wares::BY_ICAP
        )
    }
}

/// The folders where programs are, and those beside them for programs of the system's own.
fn folders(path: &OsStr) -> Vec<PathBuf> {
    let named = std::env::split_paths(path);
    named
        .flat_map(|folder| {
            let beside = folder.ends_with("bin").then(|| folder.with_file_name("sbin"));
            std::iter::once(folder).chain(beside)
        })
        .collect()
}

fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Where the services of the `c-icap` at `program` are: below `lib` beside its folder, in one for the
/// kind of machine on some systems.
fn services(program: &Path) -> Option<PathBuf> {
    let prefix = program.parent()?.parent()?;
    let libraries = ["lib", "lib64"].map(|name| prefix.join(name));
    let by_machine = libraries.iter().filter_map(|library| std::fs::read_dir(library).ok());
    let by_machine = by_machine.flatten().flatten().map(|entry| entry.path());
    let all = libraries.iter().cloned().chain(by_machine);
    let mut all = all.map(|library| library.join("c_icap"));
    all.find(|folder| folder.join("srv_echo.so").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn programs_are_found_in_the_path_and_in_the_folders_of_the_system_beside() {
        let scratch = Scratch::new();
        let daemon = scratch.write("usr/sbin/clamd", "");
        let program = scratch.write("usr/bin/c-icap", "");
        let path = scratch.path().join("usr/bin");
        let folders = folders(path.as_os_str());
        assert_eq!(find("clamd", &folders), Some(daemon));
        assert_eq!(find("c-icap", &folders).as_ref(), Some(&program));
        assert_eq!(find("none", &folders), None);
        assert_eq!(services(&program), None);
        let service = scratch.write("usr/lib/some-machine/c_icap/srv_echo.so", "");
        assert_eq!(services(&program).as_deref(), service.parent());
    }

    #[test]
    fn what_is_not_there_is_told_and_so_is_what_does_not_start() {
        let scratch = Scratch::new();
        let outside = Outside::start(scratch.path(), OsStr::new("/nowhere/bin")).unwrap();
        let told = |outside: &Outside| {
            let missing = outside.missing().map(|(what, why)| format!("{what}: {why}"));
            missing.collect::<Vec<_>>()
        };
        assert_eq!(
            told(&outside),
            [
                "no scan by a daemon: clamd is not installed",
                "no service of ICAP: c-icap is not installed"
            ]
        );
        assert_eq!(outside.settings(), "");
        scratch.write("bin/none", "");
        std::os::unix::fs::symlink("/bin/false", scratch.path().join("bin/clamd")).unwrap();
        let path = scratch.path().join("bin");
        let outside = Outside::start(scratch.path(), path.as_os_str()).unwrap();
        assert_eq!(
            told(&outside)[0],
            "no scan by a daemon: clamd does not start: it says nothing (exit status: 1)"
        );
    }
}
