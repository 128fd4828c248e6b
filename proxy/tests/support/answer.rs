//! HTTP by hand: no client library would send what an attacker sends.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body came to its proper end.
    pub whole: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// The error's type, after checking that the error says what to do.
    pub fn error_type(&self) -> String {
        let json = self.json();
        assert_eq!(json["status"], "error", "{json}");
        assert!(json["error"].as_str().unwrap().ends_with('.'), "{json}");
        assert!(json["next"].as_str().unwrap().ends_with('.'), "{json}");
        assert_eq!(
            json["request_id"].as_str(),
            self.header("x-request-id"),
            "{json}"
        );
        json["errorType"].as_str().unwrap().to_owned()
    }
}

/// Sends `request` as it is and reads one answer.
pub fn exchange(port: u16, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream.write_all(request).unwrap();
    let head_only = request.starts_with(b"HEAD ");
    read_answer(&mut stream, head_only)
}

/// Reads one answer to its end, or to where the connection breaks.
pub fn read_answer(stream: &mut impl Read, head_only: bool) -> Answer {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 16 << 10];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        match read(stream, &mut buffer) {
            0 => return Answer::default(),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        ..Answer::default()
    };
    let mut rest = bytes.split_off(end + 4);
    if head_only || status == 204 || status == 304 {
        answer.whole = true;
        return answer;
    }
    let length: Option<usize> = answer
        .header("content-length")
        .map(|value| value.parse().unwrap());
    loop {
        let done = match length {
            Some(length) => (rest.len() >= length).then(|| rest[..length].to_vec()),
            None if rest.ends_with(b"0\r\n\r\n") => unchunk(&rest),
            None => None,
        };
        if let Some(body) = done {
            answer.body = body;
            answer.whole = true;
            return answer;
        }
        match read(stream, &mut buffer) {
            0 => {
                answer.body = rest;
                return answer;
            }
            count => rest.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Reads some; 0 at the end or where the connection breaks. A read with a time-out is interrupted
/// when the process is stopped and goes on (signal(7)), whatever handlers there are.
fn read(stream: &mut impl Read, buffer: &mut [u8]) -> usize {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read.unwrap_or(0),
        }
    }
}

/// The content of a chunked body, when its last chunk is there.
fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).ok()?, 16).ok()?;
        let data = bytes.get(line + 2..line + 2 + size)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(data);
        bytes = bytes.get(line + 2 + size + 2..)?;
    }
}
