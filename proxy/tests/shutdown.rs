//! The end. If these failed, a stopped proxy would hang, or forget what it was in the middle of.

use crate::support::{self, Proxy, Stub, signal};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn begin(proxy: &Proxy) -> TcpStream {
    let cookie = proxy.sign_in().cookie;
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    write!(stream, "GET /api/prom/main/api/v1/query?query=up HTTP/1.1\r\nhost: localhost:{}\r\ncookie: {cookie}\r\n\r\n", proxy.port).unwrap();
    let mut some = [0_u8; 64];
    assert!(stream.read(&mut some).unwrap() > 0);
    stream
}

#[test]
fn an_open_answer_delays_the_end_by_its_grace_and_is_recorded() {
    let stub =
        Stub::silent_after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"sta\r\n");
    let mut proxy = Proxy::builder()
        .limits("shutdown_grace = \"2s\"")
        .source("main", &stub.url)
        .start();
    let stream = begin(&proxy);
    let begun = Instant::now();
    assert!(proxy.terminate(), "{}", proxy.stderr());
    let took = begun.elapsed();
    assert!(
        took > Duration::from_millis(1900) && took < Duration::from_secs(4),
        "{took:?}"
    );
    let record = proxy.result("the proxy was stopped");
    assert_eq!((&record["bytes"], record.get("digest")), (&5.into(), None));
    drop(stream);
}

#[test]
fn an_answer_that_ends_in_time_is_finished() {
    let stub = Stub::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\none");
        std::thread::sleep(Duration::from_millis(700));
        let _ = stream.write_all(b"two");
    });
    let mut proxy = Proxy::builder().source("main", &stub.url).start();
    let mut stream = begin(&proxy);
    let pid = proxy.pid();
    std::thread::sleep(Duration::from_millis(100));
    signal(pid, "INT");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("two"), "{rest:?}");
    assert!(
        TcpStream::connect(("127.0.0.1", proxy.port)).is_err(),
        "no new connections"
    );
    support::wait_for("the end", || (!proxy.is_running()).then_some(()));
    proxy.result("complete");
}

#[test]
fn an_idle_proxy_with_open_connections_ends_at_once_and_prints_its_heads() {
    let mut proxy = Proxy::builder().start();
    let mut idle = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    write!(
        idle,
        "GET / HTTP/1.1\r\nhost: localhost:{}\r\n\r\n",
        proxy.port
    )
    .unwrap();
    let mut some = [0_u8; 1024];
    assert!(idle.read(&mut some).unwrap() > 0);
    proxy.sign_in();
    let begun = Instant::now();
    assert!(proxy.terminate());
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    let hash = proxy.records()[0]["hash"].as_str().unwrap().to_owned();
    support::wait_for("the head of the chain in the log", || {
        proxy.stderr().contains(&hash).then_some(())
    });
}
