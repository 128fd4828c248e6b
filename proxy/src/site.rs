//! The static site: only what lies in its folder, with the right types, caching and policy.

mod csp;
mod path;

use crate::error::ApiError;
use anyhow::Context;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use std::path::{Path, PathBuf};
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// The one script that may become a service worker: another one could answer for the whole site.
const SERVICE_WORKER: &str = "/service-worker.js";

/// A built JupyterLite site.
#[derive(Clone, Debug)]
pub struct Site {
    root: PathBuf,
    files: ServeDir,
    csp: HeaderValue,
}

/// Refuses the registration of any script but the known one.
pub fn check_service_worker(request: &Request<Body>) -> Result<(), ApiError> {
    if !request.headers().contains_key("service-worker") || request.uri().path() == SERVICE_WORKER {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "service_worker",
        "This script may not become a service worker.",
        format!("Only {SERVICE_WORKER} may."),
    ))
}

impl Site {
    /// Looks through the folder's pages for the policy that they need.
    pub fn open(folder: &Path) -> anyhow::Result<Site> {
        let missing = || {
            format!(
                "server.site {} is no built site; `cargo xtask demo` builds one",
                folder.display()
            )
        };
        let root = folder.canonicalize().with_context(missing)?;
        anyhow::ensure!(root.join("index.html").is_file(), missing());
        let csp = csp::of_site(&root)
            .with_context(|| format!("cannot read the pages of {}", root.display()))?;
        tracing::info!(site = %root.display(), %csp, "site opened");
        Ok(Site {
            files: ServeDir::new(&root).precompressed_br().precompressed_gzip(),
            csp: HeaderValue::from_str(&csp)?,
            root,
        })
    }

    /// Whether `folder` lies in the site.
    pub fn holds(&self, folder: &Path) -> bool {
        folder
            .canonicalize()
            .is_ok_and(|folder| folder.starts_with(&self.root))
    }

    /// Answers with a file of the site.
    pub async fn serve(&self, request: Request<Body>) -> Result<Response, ApiError> {
        let uri = request.uri().clone();
        let not_found = || ApiError::not_found(uri.path());
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(ApiError::method("GET"));
        }
        let relative = path::relative(uri.path()).ok_or_else(not_found)?;
        let inside = tokio::fs::canonicalize(self.root.join(&relative)).await;
        if !inside.is_ok_and(|found| found.starts_with(&self.root)) {
            return Err(not_found());
        }
        let served = self.files.clone().oneshot(request).await;
        let mut response = served
            .map_err(|never| match never {})?
            .map(Body::new)
            .into_response();
        if response.status() == StatusCode::NOT_FOUND {
            return Err(not_found());
        }
        self.dress(&relative, uri.query(), response.headers_mut());
        Ok(response)
    }

    fn dress(&self, relative: &str, query: Option<&str>, headers: &mut HeaderMap) {
        if let Some(kind) = path::content_type(relative) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        // Notebooks and files of users are never pages, whatever is in them.
        let csp = if relative.starts_with("files/") {
            HeaderValue::from_static(crate::headers::SANDBOX)
        } else {
            self.csp.clone()
        };
        headers.insert(header::CONTENT_SECURITY_POLICY, csp);
        let cache = if path::is_hashed(relative, query) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    }
}
