//! Connections: how many, how long, with what buffers. hyper is driven directly, because
//! `axum::serve` shows neither the buffer size nor the time-outs.

use crate::metrics;
use crate::upstream::BUFFER;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The connection that a request came by, to close it from within.
#[derive(Clone, Debug)]
pub struct Connection(CancellationToken);

impl Connection {
    /// Closes the connection at once, whatever it is in the middle of.
    pub fn close(&self) {
        self.0.cancel();
    }
}

/// When to stop: first gently, then at once.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// No new connections and requests; running answers go on.
    pub gentle: CancellationToken,
    /// Everything ends.
    pub hard: CancellationToken,
}

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Open connections at the same time.
    pub connections: u32,
    /// Time for a request's head, and for an idle connection.
    pub header_timeout: Duration,
}

const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 21\r\n\r\ntoo many connections\n";

/// Accepts connections of all `listeners` until told to stop.
pub fn run<S, F>(
    listeners: Vec<TcpListener>,
    caps: Caps,
    stop: &Stop,
    tasks: &TaskTracker,
    service: S,
) where
    S: Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(caps.connections as usize));
    for listener in listeners {
        let slots = Arc::clone(&slots);
        let (stop, service, tracker) = (stop.clone(), service.clone(), tasks.clone());
        tasks.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.gentle.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                let stream = match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of file descriptors, most likely: a moment later there may be some.
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                };
                let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
                    metrics::connection_refused();
                    tracker.spawn(refuse(stream));
                    continue;
                };
                metrics::connections(caps.connections as usize - slots.available_permits());
                let (stop, service, slots) = (stop.clone(), service.clone(), Arc::clone(&slots));
                tracker.spawn(async move {
                    serve(stream, caps, &stop, service).await;
                    drop(slot);
                    metrics::connections(caps.connections as usize - slots.available_permits());
                });
            }
        });
    }
}

async fn refuse(mut stream: TcpStream) {
    // The client is gone when this fails, which is what we want.
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(BUSY)).await;
}

async fn serve<S, F>(stream: TcpStream, caps: Caps, stop: &Stop, service: S)
where
    S: Fn(Request<Body>) -> F + Clone + Send + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    // Small answers would wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let close = CancellationToken::new();
    let connection = Connection(close.clone());
    let hyper_service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(connection.clone());
        let answer = service(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(caps.header_timeout)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), hyper_service);
    tokio::pin!(serving);
    let mut stopping = false;
    loop {
        tokio::select! {
            result = serving.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = close.cancelled() => return,
            () = stop.hard.cancelled() => return,
            () = stop.gentle.cancelled(), if !stopping => {
                stopping = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}
