//! `/api/aws/{account}/{service}/{region}/`: an `endpoint_url` for any client of AWS. Its own
//! signature is dropped; the proxy's takes its place.

use super::call::{Asker, Failure, asked, make, record_denial, rule};
use super::denial::{dialect, written};
use super::trouble::Trouble;
use super::{Refusal, Target, resolve, route};
use crate::app::App;
use crate::audit::case_of;
use crate::error::ApiError;
use crate::policy::Principal;
use crate::router::{RequestId, read_body};
use axum::body::Body;
use axum::response::Response;
use casebook_wire::{Decision, Head};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Relays one call.
pub async fn handle(
    app: Arc<App>,
    principal: Principal,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    let path = request.uri().path().to_owned();
    let target = route(&path).ok_or_else(|| ApiError::not_found(&path))?;
    if *request.method() != Method::POST {
        return Err(ApiError::method("POST"));
    }
    let asker = Asker {
        case: case_of(request.headers())?,
        principal,
        request_id: id.clone(),
    };
    let headers = request.headers().clone();
    let query = request.uri().query().map(str::to_owned);
    let form = read_body(request, app.config.limits.body).await?;

    let resolved = check_form(&headers)
        .and_then(|()| resolve(target.service, query.as_deref(), &form))
        .map_err(|refusal| (refusal.named, refusal.reason));
    let call = match resolved {
        Ok(call) => call,
        Err((named, reason)) => {
            return Err(deny(&app, &asker, target, &named, reason).await);
        }
    };
    let ruling = rule(&app, &asker, target.account, target.region, call.action.iam);
    let account = match app.aws.get(target.account) {
        Some(account) if ruling.decision == Decision::Allow => Arc::clone(account),
        _ => return Err(deny(&app, &asker, target, call.action.name, ruling.reason).await),
    };
    match make(&app, &asker, &account, target.region, &call, ruling, true).await {
        Ok(answered) => {
            let mut response = Response::new(Body::from(answered.body));
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/xml; charset=utf-8"),
            );
            place(response.headers_mut(), answered.intent.as_ref());
            Ok(response)
        }
        Err(Failure::Ours(error)) => Err(error),
        Err(Failure::Theirs(Trouble::Refused(refused))) => {
            // The page takes a 401 for the end of its session, which this one is not.
            let status = match refused.status {
                StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
                status => status,
            };
            let message = refused.for_client(&account.name, &asked(&call, target.region));
            let dialect = dialect(&path, &headers);
            Ok(written(dialect, status, &refused.code, &message, &id.0))
        }
        Err(Failure::Theirs(trouble)) => {
            Err(trouble.to_error(&account.name, &asked(&call, target.region)))
        }
    }
}

/// Names the intent's place in the audit chain.
pub(super) fn place(headers: &mut HeaderMap, intent: Option<&Head>) {
    let Some(head) = intent else { return };
    headers.insert("x-casebook-seq", HeaderValue::from(head.seq));
    if let Ok(hash) = HeaderValue::from_str(&head.hash) {
        headers.insert("x-casebook-hash", hash);
    }
}

fn check_form(headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |named: &str, reason: String| {
        Err(Refusal {
            named: named.chars().take(128).collect(),
            reason,
        })
    };
    if let Some(target) = headers.get("x-amz-target") {
        let named = target.to_str().unwrap_or_default();
        return refuse(
            named,
            format!("The service of {named:.64?} is not relayed; relayed are ec2 and sts."),
        );
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return refuse(
            "",
            "The body of this request is no form, as ec2 and sts take them.".to_owned(),
        );
    }
    Ok(())
}

async fn deny(
    app: &App,
    asker: &Asker,
    target: Target<'_>,
    named: &str,
    reason: String,
) -> ApiError {
    let params = BTreeMap::from([
        ("service".to_owned(), target.service.to_owned()),
        ("region".to_owned(), target.region.to_owned()),
        ("Action".to_owned(), named.to_owned()),
    ]);
    record_denial(app, asker, target.account, params, &reason).await;
    let error = format!("Casebook's proxy refuses this call: {}", sentence(&reason));
    let next = "Ask for what GET /api/v1/catalog lists; everything else is done outside Casebook.";
    ApiError::new(StatusCode::FORBIDDEN, "denied", error, next).of(target.account)
}

fn sentence(reason: &str) -> String {
    format!("{}.", reason.trim_end_matches('.'))
}
