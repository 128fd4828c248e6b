//! A server that answers as no good one would.

use super::{Answer, Proxy, Session};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Listens on a free port and answers each connection by a script.
pub struct Stub {
    pub url: String,
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Stub {
    /// `script` gets the connection after the request's head was read.
    pub fn start(script: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let open = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let script = Arc::new(script);
        let stub = Stub {
            url: format!("http://127.0.0.1:{port}"),
            port,
            requests,
            open,
            stop,
        };
        let (requests, open, stop) = (
            Arc::clone(&stub.requests),
            Arc::clone(&stub.open),
            Arc::clone(&stub.stop),
        );
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(mut stream) = stream else { return };
                let (requests, open, script) = (
                    Arc::clone(&requests),
                    Arc::clone(&open),
                    Arc::clone(&script),
                );
                open.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    let head = read_request(&mut stream);
                    if !head.is_empty() {
                        requests.lock().unwrap().push(head);
                        script(&mut stream);
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        stub
    }

    /// Answers everything with these bytes and closes; an answer of HTTP says so, so that no second question is sent
    /// into a connection that is about to be gone.
    pub fn fixed(answer: impl Into<String>) -> Stub {
        let answer: String = answer.into();
        let answer = match answer.strip_prefix("HTTP/1.1 ") {
            Some(_) => answer.replacen("\r\n", "\r\nconnection: close\r\n", 1),
            None => answer,
        };
        Stub::start(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// Sends `first` and then nothing, until the other side closes.
    pub fn silent_after(first: &'static str) -> Stub {
        Stub::start(move |stream| {
            let _ = stream.write_all(first.as_bytes());
            wait_for_close(stream);
        })
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Connections that the proxy holds open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Reads until the other side closes, for half a minute at most.
pub fn wait_for_close(stream: &mut TcpStream) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
    let mut buffer = [0_u8; 1024];
    while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
}

/// The head and body of one request, as text.
fn read_request(stream: &mut TcpStream) -> String {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if bytes.len() >= at + 4 + length {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return String::new(),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

/// An answer of a good source with this body.
pub fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A proxy in front of `stub`, with further keys for its source, and a session's cookie.
pub fn ask_stub(stub: &Stub, keys: &str) -> (Proxy, String) {
    let proxy = Proxy::builder()
        .source_with("main", &stub.url, keys)
        .start();
    let cookie = proxy.sign_in().cookie;
    (proxy, cookie)
}

/// Asks the smallest query.
pub fn query(session: &Session<'_>) -> Answer {
    session.post("/api/prom/main/api/v1/query", "query=up")
}
