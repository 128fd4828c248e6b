//! The drill as the proxy starts it.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where its helper finds nothing"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use casebook_drill::{Settings, serve};
use tokio::sync::oneshot;

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

fn settings(listen: SocketAddr) -> Settings {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Settings {
        listen,
        ec2: None,
        ssh: None,
        onset: now.as_secs() as i64 - 180,
        seed: 1,
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_about_now_until_it_is_told_to_stop() {
    let address = free_address();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        stopped.await.ok();
    };
    let served = tokio::spawn(async move { serve(&settings(address), shutdown).await });
    while TcpStream::connect(address).is_err() {
        assert!(!served.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(get(address, "/-/ready").starts_with("HTTP/1.0 200"));
    let burns =
        "histogram_quantile(0.9,sum%20by(le)(rate(request_duration_seconds_bucket%5B1m%5D)))%3E0.3";
    let answer = get(address, &format!("/api/v1/query?query={burns}"));
    assert!(
        answer.contains("content-type: application/json"),
        "{answer}"
    );
    assert!(
        answer.contains(r#""result":[{"metric":{},"value":["#),
        "{answer}"
    );

    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn a_taken_address_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let failure = serve(&settings(address), std::future::pending())
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn an_onset_in_milliseconds_is_an_error() {
    let mut wrong = settings(free_address());
    wrong.onset *= 1000;
    let failure = serve(&wrong, std::future::pending()).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::InvalidInput);
}
