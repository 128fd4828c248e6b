//! The listener on which a person approves plans. It is reached by another host name than the site:
//! pages of `localhost` cannot read it, send it cookies or speak in its name, whatever notebook code
//! runs in them. It has no cookie and no script. What approves is a code from the proxy's terminal,
//! in a form of this listener's own page.

mod page;
mod socket;
mod typed;

pub use socket::{listen, serve};
pub use typed::approve;

use crate::app::App;
use crate::audit;
use crate::error::{ApiError, render};
use crate::guard::{Zone, check_framing, check_host, check_origin};
use crate::headers::isolate;
use crate::metrics;
use crate::plan::Kept;
use crate::policy::Principal;
use crate::random::hex_token;
use crate::router::{RequestId, read_body};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use casebook_wire::{Decision, Entry};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Nothing but our own style, and forms to ourselves.
const PAGE_CSP: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Longest form.
const FORM: u64 = 4 << 10;

/// Answers one request.
pub async fn answer(app: Arc<App>, request: Request<Body>) -> Response {
    let id = RequestId(hex_token(8).unwrap_or_default());
    let wants_page = request.uri().path().starts_with("/plans/");
    let response = match dispatch(&app, request, &id).await {
        Ok(response) => response,
        Err(error) => {
            tracing::info!(request_id = %id.0, status = error.status.as_u16(), error_type = error.error_type, "approval refused");
            if wants_page {
                page_of(error.status, page::error(&error))
            } else {
                error.into_response()
            }
        }
    };
    let mut response = render(response, &id.0);
    let headers = response.headers_mut();
    isolate(headers);
    // A form's post says `Origin: null` under `no-referrer`, and then it could be anyone's.
    let own = [
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in own {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert("x-request-id", value);
    }
    metrics::request("approval", response.status().as_u16());
    response
}

async fn dispatch(
    app: &Arc<App>,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    check_framing(&request)?;
    check_host(&request, std::slice::from_ref(&app.approval_host)).map_err(|error| ApiError {
        next: format!("Open http://{}/.", app.approval_host),
        ..error
    })?;
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (parts.as_slice(), request.method()) {
        (["approval.css"], &Method::GET) => {
            check_origin(&request, Zone::Page)?;
            let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
            Ok((headers, include_str!("approval/approval.css")).into_response())
        }
        ([""], &Method::GET) => {
            check_origin(&request, Zone::Page)?;
            Ok(page_of(StatusCode::OK, page::front()))
        }
        (["plans", plan], &Method::GET) => {
            check_origin(&request, Zone::Page)?;
            let kept = app.plans.get(plan).await?;
            Ok(page_of(StatusCode::OK, page::plan(&kept, None)))
        }
        (["plans", plan, verb @ ("approve" | "refuse")], &Method::POST) => {
            check_own_form(request.headers(), &app.approval_host)?;
            let (plan, verb) = ((*plan).to_owned(), (*verb).to_owned());
            decide(app, request, &plan, &verb, id).await
        }
        (["plans", _, "approve" | "refuse"], _) => Err(ApiError::method("POST")),
        (["plans", _] | [""] | ["approval.css"], _) => Err(ApiError::method("GET")),
        _ => Err(ApiError::not_found(&path)),
    }
}

/// A form of this listener's own page, by the word of a browser: exactly our origin, and no hint of
/// another site. What is no browser has `casebook-proxy approve`.
fn check_own_form(headers: &HeaderMap, host: &str) -> Result<(), ApiError> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let ours = format!("http://{host}");
    let origin = matches!((origins.next(), origins.next()), (Some(origin), None) if origin.as_bytes() == ours.as_bytes());
    let site = headers.get("sec-fetch-site");
    let kind = headers.get(header::CONTENT_TYPE);
    let form = kind.is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    if origin && form && site.is_none_or(|site| site == "same-origin") {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "origin",
        "This approval was refused: it does not come from the approval page.",
        "Open the plan's page and type the code there, or run `casebook-proxy approve` with the plan's id.",
    ))
}

async fn decide(
    app: &Arc<App>,
    request: Request<Body>,
    plan: &str,
    verb: &str,
    id: &RequestId,
) -> Result<Response, ApiError> {
    app.limits.check_login()?;
    let body = read_body(request, FORM).await?;
    let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let kept = app.plans.get(plan).await?;
    // A refusal needs the code as well: whoever merely knows the id must not end other people's plans.
    let by = format!("{} with the code", app.user);
    let way = if verb == "approve" {
        Way::Approve
    } else {
        Way::Refuse
    };
    let done = settle(
        app,
        &kept,
        &Typed::Code(text("code")),
        text("digest"),
        &by,
        way,
        id,
    )
    .await;
    match done {
        Ok(_) => {
            let location = format!("/plans/{}", kept.plan.id);
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
        }
        Err(error) => {
            let kept = app.plans.get(plan).await?;
            Ok(page_of(error.status, page::plan(&kept, Some(&error))))
        }
    }
}

/// What shows that it is the approver.
pub(crate) enum Typed<'a> {
    /// The code of the terminal.
    Code(&'a str),
    /// The host's name, typed where only the proxy's own user can.
    Host(&'a str),
}

/// What the approver wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Yes.
    Approve,
    /// No.
    Refuse,
}

/// Approves or refuses, and has the audit log say so. An approval that cannot be recorded is none.
async fn settle(
    app: &App,
    kept: &Kept,
    typed: &Typed<'_>,
    digest: &str,
    by: &str,
    way: Way,
    id: &RequestId,
) -> Result<Kept, ApiError> {
    let principal = Principal {
        user: app.user.clone(),
        session: String::new(),
    };
    let op = match way {
        Way::Approve => "plan.approve",
        Way::Refuse => "plan.refuse",
    };
    let mut entry = Entry {
        target: kept.plan.host.clone(),
        params: BTreeMap::from([
            ("plan".to_owned(), kept.plan.id.clone()),
            ("digest".to_owned(), kept.digest.clone()),
        ]),
        ..audit::entry(&kept.plan.case, op, &principal, id)
    };
    let plans = &app.plans;
    let checked = match typed {
        Typed::Code(code) => plans.check_code(&kept.plan.id, digest, code).await,
        Typed::Host(host) => plans.check_host(&kept.plan.id, digest, host).await,
    };
    match checked {
        Ok(()) => {
            entry.reason = format!("decided by {by}");
            app.audit.append_durable(entry).await.map_err(|error| {
                ApiError::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "audit",
                    format!(
                        "The proxy cannot write its audit log ({error}), so nothing was decided."
                    ),
                    "Free space in its state_dir.",
                )
            })?;
            match way {
                Way::Approve => plans.approve(&kept.plan.id, by).await,
                Way::Refuse => plans.refuse(&kept.plan.id, by).await,
            }
        }
        Err(error) => {
            entry.decision = Decision::Deny;
            entry.reason.clone_from(&error.error);
            entry.status = Some(error.status.as_u16());
            app.audit.append(entry).await;
            Err(error)
        }
    }
}

fn page_of(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, PAGE_CSP),
    ];
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        check_own_form(&map, "127.0.0.1:8788").is_ok()
    }

    #[test]
    fn only_the_approval_pages_own_form_counts() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let ours = ("origin", "http://127.0.0.1:8788");
        let same = ("sec-fetch-site", "same-origin");
        assert!(check(&[form, ours, same]) && check(&[form, ours]));
        for headers in [
            &[form, same][..],
            &[form],
            &[ours, same],
            &[("content-type", "application/json"), ours, same],
            &[form, ours, ("sec-fetch-site", "cross-site")],
            &[form, ours, ("sec-fetch-site", "same-site")],
            &[form, ours, ("sec-fetch-site", "none")],
            &[form, ours, ours],
            &[form, ("origin", "http://localhost:8787"), same],
            &[form, ("origin", "http://localhost:8788"), same],
            &[form, ("origin", "null"), same],
            &[form, ("origin", "https://127.0.0.1:8788"), same],
        ] {
            assert!(!check(headers), "{headers:?}");
        }
    }
}
