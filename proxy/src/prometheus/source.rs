//! One configured Prometheus.

use crate::config;
use crate::secret::Secret;
use crate::upstream::{self, HttpClient};
use anyhow::Context;
use bytes::Bytes;
use casebook_wire::{Health, VERSION};
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Error;
use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::time::Instant;
use tokio::sync::Mutex;

/// One configured Prometheus, with its own connections and its own health.
#[derive(Debug)]
pub struct Source {
    /// The name by which cells ask for it.
    pub name: String,
    /// Its configuration.
    pub config: config::Prometheus,
    /// Its client.
    pub client: HttpClient,
    /// The last health check.
    pub(super) health: Mutex<Option<(Instant, Health)>>,
}

impl Source {
    /// Prepares the client; asks nothing yet.
    pub fn new(name: &str, config: &config::Prometheus) -> anyhow::Result<Source> {
        let client = upstream::client(config.ca_file.as_deref())
            .with_context(|| format!("prometheus.{name}: cannot prepare TLS"))?;
        Ok(Source {
            name: name.to_owned(),
            config: config.clone(),
            client,
            health: Mutex::new(None),
        })
    }

    /// A request for `api/v1/{path}`: nothing of it but `params` comes from the client.
    pub async fn request(
        &self,
        method: &Method,
        path: &str,
        params: &str,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let base = self.config.url.as_str().trim_end_matches('/');
        let mut uri = format!("{base}/api/v1/{path}");
        let form = *method == Method::POST;
        if !form && !params.is_empty() {
            uri.push('?');
            uri.push_str(params);
        }
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::ACCEPT, "application/json")
            // The digest and the byte cap are of what the browser decodes.
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::USER_AGENT, format!("casebook-proxy/{VERSION}"));
        if let Some(token) = self.bearer().await? {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .with_context(|| "the bearer token has characters that no header can carry")?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = if form {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            Full::new(Bytes::copy_from_slice(params.as_bytes()))
        } else {
            Full::default()
        };
        Ok(request.body(body)?)
    }

    /// Sends a read. When the source closes a kept connection just as it is used again, the same is asked once more,
    /// on another one: a read may be repeated, and nobody should see that race.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Error> {
        match self.client.request(request.clone()).await {
            Err(error) if closed_without_a_word(&error) => self.client.request(request).await,
            answer => answer,
        }
    }

    async fn bearer(&self) -> anyhow::Result<Option<Secret>> {
        let Some(file) = &self.config.bearer_file else {
            return Ok(None);
        };
        let text = tokio::fs::read_to_string(file)
            .await
            .with_context(|| format!("cannot read bearer_file {}", file.display()))?;
        Ok(Some(Secret::new(text.trim())))
    }
}

/// Whether the connection was closed or reset before the first byte of an answer.
fn closed_without_a_word(error: &Error) -> bool {
    let Some(cause) = error
        .source()
        .and_then(|e| e.downcast_ref::<hyper::Error>())
    else {
        return false;
    };
    let reset = cause
        .source()
        .and_then(|e| e.downcast_ref::<io::Error>())
        .is_some_and(|e| matches!(e.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe));
    cause.is_incomplete_message() || reset
}
