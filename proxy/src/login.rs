//! Signing in and out, and the page for it.

use crate::app::App;
use crate::audit;
use crate::clock;
use crate::error::ApiError;
use crate::guard::{Zone, check_origin};
use crate::metrics;
use crate::router::{RequestId, read_body};
use crate::session::Session;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use casebook_wire::{API_VERSION, SessionInfo, VERSION};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use serde::Deserialize;
use std::sync::Arc;

/// The login page shows nothing of others and asks nobody else.
const PAGE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Answers everything under `/auth/`.
pub async fn handle(
    app: Arc<App>,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    match (path.as_str(), &method) {
        ("/auth/login", &Method::POST) => sign_in(&app, request, id).await,
        ("/auth/logout", &Method::POST) => {
            check_origin(&request, Zone::Api)?;
            let session = session_of(&app, request.headers());
            sign_out(&app, session, id).await
        }
        ("/auth/login" | "/auth/logout", _) => Err(ApiError::method("POST")),
        (_, &Method::GET | &Method::HEAD) => {
            check_origin(&request, Zone::Page)?;
            match path.as_str() {
                "/auth" => Ok((
                    StatusCode::PERMANENT_REDIRECT,
                    [(header::LOCATION, "/auth/")],
                )
                    .into_response()),
                "/auth/" => Ok(page(
                    "text/html; charset=utf-8",
                    include_str!("pages/login.html"),
                )),
                "/auth/login.js" => Ok(page(
                    "text/javascript; charset=utf-8",
                    include_str!("pages/login.js"),
                )),
                "/auth/login.css" => Ok(page(
                    "text/css; charset=utf-8",
                    include_str!("pages/login.css"),
                )),
                _ => Err(ApiError::not_found(&path)),
            }
        }
        _ => Err(ApiError::method("GET")),
    }
}

fn page(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, PAGE_CSP),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// The body of a sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    token: String,
}

async fn sign_in(app: &App, request: Request<Body>, id: &RequestId) -> Result<Response, ApiError> {
    check_origin(&request, Zone::Api)?;
    app.limits.check_login()?;
    let body = read_body(request, app.config.limits.body).await?;
    let wrong = || {
        metrics::login("refused");
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "session",
            "This login link is not good: it was used already, is too old, or is incomplete.",
            "Press Enter where the proxy runs, or run `casebook-proxy link`, and open the fresh link.",
        )
    };
    let sign_in: SignIn = serde_json::from_slice(&body).map_err(|_| wrong())?;
    if !app.links.redeem(&sign_in.token) {
        tracing::warn!(request_id = %id.0, "sign-in refused");
        return Err(wrong());
    }
    let (token, session) = app.sessions.start(&app.user).map_err(|error| {
        tracing::error!(%error, "cannot keep a session");
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "state",
            format!("The session could not be kept in the proxy's state_dir: {error}."),
            "See whether the disk is full or read-only, then open a fresh link.",
        )
    })?;
    metrics::login("accepted");
    app.audit
        .append(audit::session_entry(
            "session.login",
            &session.principal(),
            id,
        ))
        .await;
    tracing::info!(request_id = %id.0, user = %session.user, session = %session.id, "signed in");
    let age = app.config.auth.session_ttl.as_secs();
    let cookie = format!(
        "{}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}",
        app.cookie_name
    );
    with_cookie(axum::Json(info(&session)).into_response(), &cookie)
}

async fn sign_out(
    app: &App,
    session: Option<Session>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    if let Some(session) = session {
        if let Err(error) = app.sessions.end(&session.id) {
            tracing::error!(%error, "cannot forget a session on disk");
        }
        app.audit
            .append(audit::session_entry(
                "session.logout",
                &session.principal(),
                id,
            ))
            .await;
    }
    let cookie = format!(
        "{}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0",
        app.cookie_name
    );
    with_cookie(StatusCode::NO_CONTENT.into_response(), &cookie)
}

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, ApiError> {
    let value = HeaderValue::from_str(cookie).map_err(|_| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The cookie could not be made.",
            "Try again.",
        )
    })?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

/// What the browser may know of its session.
pub fn info(session: &Session) -> SessionInfo {
    SessionInfo {
        user: session.user.clone(),
        expires_at: clock::rfc3339(session.expires_ms),
        version: VERSION.to_owned(),
        api: API_VERSION,
    }
}

/// The session that the request's cookie speaks for.
pub fn session_of(app: &App, headers: &HeaderMap) -> Option<Session> {
    let cookies = headers.get_all(header::COOKIE);
    let tokens = cookies
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == app.cookie_name)
        .map(|(_, token)| token);
    app.sessions.find(tokens)
}

/// The error for a request that needs a session and has none.
pub fn no_session() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "session",
        "You are not signed in to the proxy, or your session has ended.",
        "Press Enter where the proxy runs, or run `casebook-proxy link`, and open the fresh link; this page stays as it is.",
    )
}
