//! `POST /api/v1/ssh/run`: one command of the catalogue on one host, answered line by line.

use super::find::find;
use super::record::{Guard, Record};
use super::text::Decoder;
use super::{Caps, Connection, End, Sink, Ssh, Stream, Target};
use crate::app::App;
use crate::audit;
use crate::aws::Asker;
use crate::error::ApiError;
use crate::headers::SANDBOX;
use crate::policy::{Operation, Principal, Ruling, decide};
use crate::router::{RequestId, read_body};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use casebook_wire::command::{self, Checked};
use casebook_wire::run::{Event, Exit, RunRequest};
use casebook_wire::{Decision, Entry, Head, Phase};
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// Lines of the answer that wait for the browser; then the host waits, too.
const WAITING: usize = 16;
/// How long a browser that does not read may hold up the last line.
const LAST_LINE: Duration = Duration::from_secs(10);
/// What the question where a path leads may take.
const REALPATH: Caps = Caps {
    time: Duration::from_secs(10),
    output: 8 << 10,
};

/// Runs one command.
pub async fn handle(
    app: Arc<App>,
    principal: Principal,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    if *request.method() != Method::POST {
        return Err(ApiError::method("POST"));
    }
    let ssh = app.ssh.as_ref().ok_or_else(no_ssh)?;
    let case = audit::case_of(request.headers())?;
    let body = read_body(request, app.config.limits.body).await?;
    let asked: RunRequest = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_data(
            format!("The body of this request is no question to a host: {error}."),
            "Send {\"host\": …, \"command\": …, \"params\": {…}} as JSON.",
        )
    })?;
    let mut entry = intent(&case, &principal, id, &asked);
    let asker = Asker {
        principal: principal.clone(),
        request_id: id.clone(),
        case,
    };
    let (checked, target) = match allow(&app, ssh, &asker, &asked).await {
        Ok(both) => both,
        Err(error) => {
            entry.phase = Phase::Result;
            if error.status.is_client_error() {
                entry.decision = Decision::Deny;
            }
            entry.reason.clone_from(&error.error);
            entry.status = Some(error.status.as_u16());
            app.audit.append(entry).await;
            return Err(error);
        }
    };
    entry.reason = format!("{} may run {} there", principal.user, asked.command);
    entry
        .params
        .insert("address".to_owned(), target.to_string());
    let permit = app.limits.enter(&principal.user).await?;
    let (record, head) = Record::begin(&app, &entry, permit)
        .await
        .map_err(|error| no_record(&error))?;
    let guard = Guard(record.clone());

    let begun = begin(&app, ssh, &principal, &record, &target, checked).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let answer = Answer {
        record,
        sender,
        decoders: [Decoder::default(), Decoder::default()],
    };
    tokio::spawn(answer.give(begun, ssh.caps(), asked.host, head.clone()));
    Ok(response(receiver, guard, &head))
}

fn intent(case: &str, principal: &Principal, id: &RequestId, asked: &RunRequest) -> Entry {
    let params = asked.params.iter();
    let command: String = asked.command.chars().take(32).collect();
    Entry {
        target: asked.host.clone(),
        params: params
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect(),
        phase: Phase::Intent,
        ..audit::entry(case, &format!("ssh.{command}"), principal, id)
    }
}

/// All that can be decided without the host.
async fn allow(
    app: &Arc<App>,
    ssh: &Ssh,
    asker: &Asker,
    asked: &RunRequest,
) -> Result<(Checked, Target), ApiError> {
    let checked = command::check(&asked.command, &asked.params)
        .map_err(|fault| ApiError::bad_data(fault.message, fault.next).of(&asked.host))?;
    let ruling = rule(app, &asker.principal, &asked.host, &checked);
    if ruling.decision != Decision::Allow {
        return Err(denied(ssh, &ruling.reason).of(&asked.host));
    }
    let target = find(app, ssh, asker, &asked.host).await?;
    Ok((checked, target))
}

fn rule(app: &App, principal: &Principal, host: &str, checked: &Checked) -> Ruling {
    let operation = Operation::SshRead {
        host,
        command: checked.command.name,
        path: checked.path(),
    };
    decide(&app.policy, principal, &operation)
}

/// A connection, and the line that is to be run on it.
struct Begun {
    connection: Connection,
    line: String,
}

/// Connects, and asks the host where the path leads before the rules are applied to that.
async fn begin(
    app: &App,
    ssh: &Ssh,
    principal: &Principal,
    record: &Record,
    target: &Target,
    checked: Checked,
) -> Result<Begun, ApiError> {
    let fail = |error: ApiError| {
        record.end(
            error.error_type,
            error.status.as_u16(),
            error.error.clone(),
            false,
        );
        error.of(&target.name)
    };
    let connection = ssh
        .executor
        .connect(target)
        .await
        .map_err(|error| fail(error.into_api()))?;
    let Some(path) = checked.path().map(str::to_owned) else {
        let line = ssh.line(&checked);
        return Ok(Begun { connection, line });
    };
    let question = ssh.realpath_line(&path);
    let answer = connection
        .run(&question, None, REALPATH)
        .await
        .map_err(|error| fail(error.into_api()))?;
    if let Some(refusal) = ssh.sudo_refusal(target, &answer) {
        connection.close().await;
        return Err(fail(refusal.into_api()));
    }
    if ssh.gate_forbids(&answer) {
        let reason = format!("the gate of {target} does not let anyone look at {path}");
        let error = denied(ssh, &reason);
        record.deny(error.status.as_u16(), reason);
        connection.close().await;
        return Err(error.of(&target.name));
    }
    if answer.end.is_whole() && answer.end.status != Some(0) {
        // Nothing is there, or it may not be seen: the host's own words are the answer, and asking
        // again gives them as a stream.
        return Ok(Begun {
            connection,
            line: question,
        });
    }
    let real = answer.text();
    let real = real.strip_suffix('\n').unwrap_or(&real);
    if !answer.succeeded() || !command::is_path(real) {
        let error = format!("The host {target} did not say where {path} leads.");
        let next = "Ask again; if it stays so, see whether realpath works there.";
        return Err(fail(ApiError::new(
            StatusCode::BAD_GATEWAY,
            "ssh_broken",
            error,
            next,
        )));
    }
    record.note("real_path", real);
    let checked = checked.with_path(real);
    let ruling = rule(app, principal, &target.name, &checked);
    if ruling.decision != Decision::Allow {
        let reason = format!("{path} leads to {real}: {}", ruling.reason);
        let error = denied(ssh, &reason);
        record.deny(error.status.as_u16(), reason);
        connection.close().await;
        return Err(error.of(&target.name));
    }
    let line = ssh.line(&checked);
    Ok(Begun { connection, line })
}

/// The answer on its way to the browser.
struct Answer {
    record: Record,
    sender: mpsc::Sender<Bytes>,
    decoders: [Decoder; 2],
}

impl Answer {
    async fn give(mut self, begun: Begun, caps: Caps, host: String, head: Head) {
        let target = begun.connection.target().clone();
        self.record.note("line", &begun.line);
        let start = Event::Start {
            host,
            address: format!("{}:{}", target.address, target.port),
            line: begun.line.clone(),
            seq: head.seq,
            hash: head.hash,
        };
        if !self.send(&start).await {
            return;
        }
        // A command that is silent would not show by itself that the browser went away.
        let watched = self.sender.clone();
        let gone = async move { watched.closed().await };
        let result = begun
            .connection
            .stream(&begun.line, None, caps, &mut self, gone)
            .await;
        begun.connection.close().await;
        let (end, reason) = match result {
            Ok(end) => {
                let reason = told(&end);
                (end, reason)
            }
            Err(error) => {
                let lost = End {
                    lost: true,
                    ..End::default()
                };
                (lost, error.to_string())
            }
        };
        for (stream, index) in [(Stream::Stdout, 0), (Stream::Stderr, 1)] {
            let rest = self.decoders[index].finish();
            self.text(stream, rest).await;
        }
        let whole = end.is_whole();
        let last = Event::Exit(Exit {
            status: end.status,
            signal: end.signal,
            lost: end.lost,
            truncated: end.truncated,
            timed_out: end.timed_out,
            ms: end.ms,
        });
        let arrived = tokio::time::timeout(LAST_LINE, self.send(&last)).await;
        // Otherwise the guard in the answer's body has told already, or will.
        if arrived == Ok(true) {
            let outcome = if whole { "complete" } else { "cut" };
            self.record.end(outcome, 200, reason, whole);
        }
    }

    async fn text(&self, stream: Stream, text: String) -> bool {
        if text.is_empty() {
            return true;
        }
        let event = match stream {
            Stream::Stdout => Event::Stdout { text },
            Stream::Stderr => Event::Stderr { text },
        };
        self.send(&event).await
    }

    async fn send(&self, event: &Event) -> bool {
        let mut line = serde_json::to_string(event).unwrap_or_default();
        line.push('\n');
        self.record.count(line.as_bytes());
        self.sender.send(Bytes::from(line)).await.is_ok()
    }
}

impl Sink for Answer {
    async fn take(&mut self, stream: Stream, bytes: Bytes) -> bool {
        let index = usize::from(stream == Stream::Stderr);
        let text = self.decoders[index].feed(&bytes);
        self.text(stream, text).await
    }
}

/// How it ended, in words for the record.
fn told(end: &End) -> String {
    let status = end
        .status
        .map(|status| format!("ended with status {status}"));
    let signal = end.signal.as_ref().map(|name| format!("killed by {name}"));
    let ended = status.or(signal);
    if end.timed_out {
        "told to end: it took longer than ssh.limits.time".to_owned()
    } else if end.truncated {
        "told to end: it wrote more than ssh.limits.output".to_owned()
    } else if end.stopped {
        "told to end: the browser went away".to_owned()
    } else {
        ended.unwrap_or_else(|| "lost: the connection broke, nobody knows how it ended".to_owned())
    }
}

fn response(receiver: mpsc::Receiver<Bytes>, guard: Guard, head: &Head) -> Response {
    let frames = ReceiverStream::new(receiver).map(move |bytes| {
        // Held by the body, so that the record is ended when the browser goes away.
        let _held = &guard;
        Ok::<_, Infallible>(Frame::data(bytes))
    });
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SANDBOX),
    );
    headers.insert("x-casebook-seq", HeaderValue::from(head.seq));
    if let Ok(hash) = HeaderValue::from_str(&head.hash) {
        headers.insert("x-casebook-hash", hash);
    }
    response
}

fn no_ssh() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "This proxy reaches no hosts by SSH.",
        "Add an [ssh] section to the proxy's configuration.",
    )
}

fn no_record(error: &std::io::Error) -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "audit",
        format!("The proxy cannot write its audit log ({error}), so it asks no host."),
        "Free space in its state_dir, then ask again.",
    )
}

fn denied(ssh: &Ssh, reason: &str) -> ApiError {
    let folders = &ssh.config.paths.read;
    let next = if folders.is_empty() {
        "Name folders by ssh.paths.read in the proxy's configuration.".to_owned()
    } else {
        format!("Ask for a path in one of: {}.", folders.join(", "))
    };
    ApiError::new(StatusCode::FORBIDDEN, "denied", format!("{reason}."), next)
}
