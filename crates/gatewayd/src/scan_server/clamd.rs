//! The socket that speaks the protocol of clamd: each connection with a machine of its own, which knows
//! the protocol, and one scan at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gateway_av::Verdict;
use gateway_av::clamd::{AfterFound, Answer, Ask, Files, Server, ServerLimits};
use gateway_content::BodyInfo;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, info};

use super::engine::{Came, Look, Scan, heuristic};
use super::files::{self, Reading};
use super::socket::Socket;
use crate::config::{ClamdServer, ServedFiles};
use crate::metrics::ScanServer;
use crate::reload::Reloader;
use crate::serve::{Gateway, Live};

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);
/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;

/// What all connections share.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) live: Arc<Live>,
    pub(super) reloader: Arc<Reloader>,
    pub(super) config: ClamdServer,
    pub(super) places: Arc<Semaphore>,
    /// Connections that are served.
    pub(super) running: Arc<AtomicU64>,
}

/// Accepts on this thread what comes by TCP.
pub(super) async fn accept_tcp(listener: io::Result<std::net::TcpListener>, served: Served) {
    accept(listener.and_then(TcpListener::from_std).map(Listener::Tcp), served).await;
}

/// Accepts on this thread what comes at a Unix socket.
pub(super) async fn accept_unix(
    listener: io::Result<std::os::unix::net::UnixListener>,
    served: Served,
) {
    accept(listener.and_then(UnixListener::from_std).map(Listener::Unix), served).await;
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    async fn next(&self) -> io::Result<Socket> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                let _ = stream.set_nodelay(true);
                Ok(Socket::Tcp(stream))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok(Socket::Unix(stream, VecDeque::new()))
            }
        }
    }
}

async fn accept(listener: io::Result<Listener>, served: Served) {
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => return error!("one thread less serves clients of clamd: {error}"),
    };
    let mut serving = JoinSet::new();
    loop {
        let Ok(place) = served.places.clone().acquire_owned().await else { return };
        while serving.try_join_next().is_some() {}
        let Ok(socket) = listener.next().await else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let served = served.clone();
        serving.spawn(async move {
            counted(&served, socket).await;
            drop(place);
        });
    }
}

async fn counted(served: &Served, socket: Socket) {
    served.running.fetch_add(1, Ordering::Relaxed);
    serve(served, socket).await;
    served.running.fetch_sub(1, Ordering::Relaxed);
}

/// Serves one client; what it does wrong, or too slowly, ends the connection.
async fn serve(served: &Served, mut socket: Socket) {
    let config = &served.config;
    let mut server = Server::new(limits(config), &version(&served.live.current()));
    let mut scan: Option<(Scan, Arc<Gateway>)> = None;
    let mut bytes = vec![0; READ_BYTES];
    loop {
        while let Some(ask) = server.poll() {
            match ask {
                Ask::Begin => {
                    let gateway = served.live.current();
                    scan = Some((Scan::new(&gateway, Look::Av, &BodyInfo::default()), gateway));
                }
                Ask::Content(content) => {
                    if let Some((scan, _)) = &mut scan {
                        scan.push(content).await;
                    }
                }
                Ask::Dropped => scan = None,
                Ask::Reload => served.reloader.ask(),
                ask => {
                    let scan = scan.take();
                    let answer = answer(served, &mut socket, ask, scan).await;
                    server.answer(&answer);
                }
            }
        }
        while let Some(output) = server.poll_output() {
            let sent = timeout(ms(config.send_ms), socket.write_all(&output)).await;
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
        if server.is_over() {
            return;
        }
        match timeout(ms(config.read_ms), socket.read(&mut bytes)).await {
            Ok(Ok(read @ 1..)) => server.receive(bytes.get(..read).unwrap_or_default()),
            Ok(Ok(0) | Err(_)) | Err(_) => return,
        }
    }
}

async fn answer(
    served: &Served,
    socket: &mut Socket,
    ask: Ask,
    scan: Option<(Scan, Arc<Gateway>)>,
) -> Answer {
    match ask {
        Ask::Verdict => match scan {
            Some((scan, gateway)) => verdict(&gateway, &scan.finish().await).first(),
            None => Answer::Failed("nothing was sent".into()),
        },
        Ask::Descriptor => match socket.descriptor() {
            Some(descriptor) => {
                let opened = Reading::of(File::from(descriptor)).await;
                one_file(served, opened).await.first()
            }
            None => Answer::Failed("No file descriptor received.".into()),
        },
        Ask::Name { name, after } => many_files(served, name, after).await,
        Ask::Stats => Answer::Stats {
            running: served.running.load(Ordering::Relaxed),
            running_max: u64::try_from(served.config.connections_max).unwrap_or(u64::MAX),
            waiting: 0,
        },
        _ => Answer::Failed("not understood".into()),
    }
}

/// What a client may be told of one content.
enum Told {
    Clean,
    /// Names of what was found: at least one.
    Found(Vec<String>),
    Failed(String),
}

impl Told {
    /// The answer that is one line.
    fn first(self) -> Answer {
        match self {
            Self::Clean => Answer::Clean,
            Self::Found(names) => names.into_iter().next().map_or(Answer::Clean, Answer::Found),
            Self::Failed(why) => Answer::Failed(why),
        }
    }

    /// The answer with a line for each finding; none for what is clean.
    fn all(self) -> Vec<Answer> {
        match self {
            Self::Clean => Vec::new(),
            Self::Found(names) => names.into_iter().map(Answer::Found).collect(),
            Self::Failed(why) => vec![Answer::Failed(why)],
        }
    }
}

/// What is in one file.
async fn one_file(served: &Served, opened: io::Result<Reading>) -> Told {
    let failed = |error: io::Error| Told::Failed(format!("cannot be read: {error}."));
    let mut reading = match opened {
        Ok(reading) => reading,
        Err(error) => return failed(error),
    };
    let gateway = served.live.current();
    let mut scan = Scan::new(&gateway, Look::Av, &BodyInfo::default());
    let read = loop {
        match reading.next().await {
            Ok(bytes) if bytes.is_empty() => break Ok(()),
            Ok(bytes) => scan.push(bytes).await,
            Err(error) => break Err(error),
        }
    };
    match read {
        Ok(()) => verdict(&gateway, &scan.finish().await),
        Err(error) => failed(error),
    }
}

/// What is in the file or folder of this name: a line for each file that is not clean, or for each
/// finding.
async fn many_files(served: &Served, name: Bytes, after: AfterFound) -> Answer {
    let files = match files::at(name).await {
        Ok(files) => files,
        Err(error) => return Answer::Failed(format!("cannot be read: {error}.")),
    };
    let mut lines = Vec::new();
    for path in files {
        let told = one_file(served, Reading::open(path.clone()).await).await;
        let found = matches!(told, Told::Found(_));
        let mut answers = told.all();
        if after != AfterFound::TellAll {
            answers.truncate(1);
        }
        lines.extend(answers.into_iter().map(|answer| (files::name(&path), answer)));
        if found && after == AfterFound::Stop {
            break;
        }
    }
    Answer::Lines(lines)
}

/// What a client is told of what a scan came to. What was found is told whatever the table says of it:
/// what becomes of it is the client's affair.
fn verdict(gateway: &Gateway, came: &Came) -> Told {
    let told = match (came.verdict, &came.signatures[..]) {
        (_, [_, ..]) => Told::Found(came.signatures.clone()),
        (Verdict::Unscannable { reason, consequence }, []) if consequence.refuses() => {
            Told::Found(vec![heuristic(reason)])
        }
        (Verdict::Infected(_), []) => Told::Found(vec!["unnamed".into()]),
        (Verdict::Clean | Verdict::Unscannable { .. }, []) => Told::Clean,
    };
    gateway.sinks.metrics().scan_served(ScanServer::Clamd, came.verdict);
    if let Told::Found(names) = &told {
        info!(signature = %names.join(" "), "found for a client of clamd");
    }
    told
}

fn limits(config: &ClamdServer) -> ServerLimits {
    let mut limits = ServerLimits::default();
    limits.stream_bytes_max = config.stream_bytes_max;
    limits.files = match config.files {
        ServedFiles::Off => Files::Nothing,
        ServedFiles::Opened => Files::Descriptors,
        ServedFiles::Named => Files::DescriptorsAndNames,
    };
    limits
}

/// As clamd says it: the version of the engine, of the database, and when that was made, which is not
/// known.
fn version(gateway: &Gateway) -> String {
    format!("gateway-{}/{}/", env!("CARGO_PKG_VERSION"), gateway.signatures)
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
