//! The ICAP codec with a real server, `c-icap` and its service `echo`: options, previews, 204, and
//! messages that come back whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "the other end is a real server")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::icap::{Event, Exchange, Modify, Service, ServiceOptions};
use gateway_h1h2::{BodySize, RequestHead, ResponseHead, Target};
use http::{Method, StatusCode};

const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    child: Child,
    dir: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("c-icap-{port}"));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.display();
        let config = format!(
            "PidFile {path}/pid\nCommandsSocket {path}/ctl\nTimeout 30\nMaxKeepAliveRequests 100\n\
             KeepAliveTimeout 60\nStartServers 1\nMaxServers 2\nThreadsPerChild 4\n\
             Port 127.0.0.1:{port}\nTmpDir {path}\nServerLog {path}/server.log\n\
             AccessLog {path}/access.log\n\
             ModulesDir /usr/lib/x86_64-linux-gnu/c_icap\n\
             ServicesDir /usr/lib/x86_64-linux-gnu/c_icap\nService echo srv_echo.so\n"
        );
        std::fs::write(dir.join("c-icap.conf"), config).unwrap();
        let child = Command::new("c-icap")
            .args(["-N", "-f"])
            .arg(dir.join("c-icap.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, dir, port };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(server.dir.join("server.log"));
            assert!(Instant::now() < until, "{log:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn service(&self) -> Service {
        Service::parse(&format!("icap://127.0.0.1:{}/echo", self.port)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its children end with it when it is asked to end.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Runs an exchange to its end.
fn run(stream: &mut TcpStream, exchange: &mut Exchange) -> Vec<Event> {
    let mut bytes = vec![0; 16 << 10];
    loop {
        while let Some(out) = exchange.poll_output() {
            stream.write_all(&out).unwrap();
        }
        if exchange.is_done() {
            break;
        }
        let read = stream.read(&mut bytes).unwrap();
        assert!(read > 0, "the server has closed");
        exchange.receive(&bytes[..read]).unwrap();
    }
    assert!(exchange.is_reusable());
    std::iter::from_fn(|| exchange.poll_event()).collect()
}

fn options(stream: &mut TcpStream, service: &Service) -> ServiceOptions {
    match &run(stream, &mut Exchange::options(service))[..] {
        [Event::Options(options)] => options.clone(),
        other => panic!("{other:?}"),
    }
}

fn modify(preview: Option<u32>, allow_204: bool) -> Modify {
    let mut modify = Modify::default();
    modify.preview = preview;
    modify.allow_204 = allow_204;
    modify
}

fn body_of(events: &[Event]) -> Vec<u8> {
    let data = events.iter().filter_map(|event| match event {
        Event::Data(bytes) => Some(&bytes[..]),
        _ => None,
    });
    data.collect::<Vec<_>>().concat()
}

#[test]
fn c_icap_echoes_what_it_is_offered() {
    let server = Server::start();
    let service = server.service();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let said = options(&mut stream, &service);
    assert!(said.reqmod && said.respmod && said.allow_204, "{said:?}");
    let preview = said.preview.unwrap();

    let mut response = ResponseHead::new(StatusCode::OK);
    response.fields.append("X-A", "b").unwrap();
    let target = Target::parse(&Method::POST, "http://a.test/x".into()).unwrap();
    let mut request = RequestHead::new(Method::POST, target);
    request.fields.append("Host", "a.test").unwrap();
    let mut unmodified = 0;
    let mut whole = 0;
    // All on one connection.
    for length in [0, 1, preview as usize, preview as usize + 1, 300_000] {
        let body: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let size = if length == 0 { BodySize::Empty } else { BodySize::Length(length as u64) };
        (request.body, response.body) = (size, size);
        for how in [modify(None, false), modify(Some(preview), false), modify(Some(preview), true)]
        {
            for mut exchange in [
                Exchange::respmod(&service, &how, Some(&request), &response),
                Exchange::reqmod(&service, &how, &request),
            ] {
                for piece in body.chunks(10_000) {
                    exchange.push(Bytes::copy_from_slice(piece));
                }
                exchange.finish();
                let events = run(&mut stream, &mut exchange);
                match &events[0] {
                    Event::Unmodified => unmodified += 1,
                    Event::Response(head) => {
                        assert_eq!(head.fields.get("x-a"), Some(&b"b"[..]));
                        assert_eq!(body_of(&events), body);
                        whole += 1;
                    }
                    Event::Request(head) => {
                        assert_eq!(head.target, request.target);
                        assert_eq!(body_of(&events), body);
                        whole += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert!(unmodified > 0 && whole > 0, "{unmodified} {whole}");
}
