//! The smallest HTTP client that can ask a Prometheus: one request, one connection, loopback only.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than Prometheus's own time-out would be in any test.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer's status code and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

/// `GET` of a path, which may carry a query string, from a `http://host:port` base.
///
/// # Errors
///
/// When the server cannot be reached or its answer is not HTTP.
pub fn get(base: &str, path: &str) -> io::Result<Answer> {
    get_within(base, path, PATIENCE)
}

/// As [`get`], with a limit on each wait for the server.
///
/// # Errors
///
/// As [`get`], and when the server lets us wait for longer.
pub fn get_within(base: &str, path: &str, patience: Duration) -> io::Result<Answer> {
    send(base, &format!("GET {path} HTTP/1.0\r\n"), b"", patience)
}

/// `POST` of a form to a path of a `http://host:port` base.
///
/// # Errors
///
/// As [`get`].
pub fn post_form(base: &str, path: &str, form: &str) -> io::Result<Answer> {
    post(
        base,
        path,
        "application/x-www-form-urlencoded",
        form.as_bytes(),
    )
}

/// `POST` of plain text to a path of a `http://host:port` base.
///
/// # Errors
///
/// As [`get`].
pub fn post_text(base: &str, path: &str, text: &[u8]) -> io::Result<Answer> {
    post(base, path, "text/plain; charset=utf-8", text)
}

fn post(base: &str, path: &str, content_type: &str, body: &[u8]) -> io::Result<Answer> {
    let head = format!(
        "POST {path} HTTP/1.0\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n",
        body.len()
    );
    send(base, &head, body, PATIENCE)
}

/// HTTP/1.0, so that the body is whole when the server closes the connection.
fn send(base: &str, head: &str, body: &[u8], patience: Duration) -> io::Result<Answer> {
    let host = base
        .strip_prefix("http://")
        .ok_or_else(|| invalid("the base is not a http:// address"))?;
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(format!("{head}Host: {host}\r\n\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;

    let text = String::from_utf8(answer).map_err(|_| invalid("the answer is not UTF-8"))?;
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| invalid("the answer is not HTTP"))?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| invalid("the answer has no status"))?;
    Ok(Answer {
        status,
        body: body.to_owned(),
    })
}

fn invalid(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
