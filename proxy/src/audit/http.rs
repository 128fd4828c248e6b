//! `GET /api/v1/audit`: the asking user's own records, as newline-delimited JSON.

use super::Audit;
use crate::error::ApiError;
use crate::policy::Principal;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use casebook_wire::Record;
use http::{StatusCode, header};
use http_body_util::StreamBody;
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// Which records are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Selection {
    case: Option<String>,
    from: u64,
}

/// Answers with the records of `principal`, all or those of `case=`, from sequence number `from=`.
pub fn serve_records(
    audit: &Audit,
    principal: &Principal,
    query: &str,
) -> Result<Response, ApiError> {
    let selection = select(query)?;
    let file = audit.file().to_owned();
    let actor = principal.user.clone();
    let (sender, receiver) = mpsc::channel::<Bytes>(4);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read(&file, &actor, &selection, &sender) {
            tracing::error!(%error, "cannot read the audit log");
        }
    });
    let frames = ReceiverStream::new(receiver)
        .map(|bytes| Ok::<_, Infallible>(hyper::body::Frame::data(bytes)));
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((StatusCode::OK, headers, Body::new(StreamBody::new(frames))).into_response())
}

fn select(query: &str) -> Result<Selection, ApiError> {
    let mut selection = Selection::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "case" => selection.case = Some(value.into_owned()),
            "from" => {
                selection.from = value.parse().map_err(|_| {
                    ApiError::bad_data(
                        format!("from={value:?} is no sequence number."),
                        "Give a whole number, from 1.",
                    )
                })?;
            }
            _ => {
                return Err(ApiError::bad_data(
                    format!("The audit log knows no parameter {name:?}."),
                    "Ask with case= and from=.",
                ));
            }
        }
    }
    Ok(selection)
}

fn read(
    file: &Path,
    actor: &str,
    selection: &Selection,
    sender: &mpsc::Sender<Bytes>,
) -> io::Result<()> {
    const CHUNK: usize = 32 << 10;
    let mut chunk = String::new();
    for line in BufReader::new(File::open(file)?).lines() {
        let line = line?;
        let wanted = serde_json::from_str::<Record>(&line).is_ok_and(|record| {
            (record.entry.actor == actor || record.entry.actor == super::SELF)
                && record.seq >= selection.from
                && selection
                    .case
                    .as_ref()
                    .is_none_or(|case| *case == record.entry.case)
        });
        if wanted {
            chunk.push_str(&line);
            chunk.push('\n');
        }
        if chunk.len() >= CHUNK
            && sender
                .blocking_send(std::mem::take(&mut chunk).into())
                .is_err()
        {
            return Ok(());
        }
    }
    // The browser went away when this fails.
    let _ = sender.blocking_send(chunk.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_selection() {
        assert_eq!(
            select("case=p90%20burns&from=7").unwrap(),
            Selection {
                case: Some("p90 burns".into()),
                from: 7
            }
        );
        assert_eq!(select("").unwrap(), Selection::default());
        assert!(select("from=-1").is_err() && select("form=1").is_err());
    }
}
