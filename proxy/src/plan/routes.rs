//! `/api/v1/plans`: what a notebook may do with plans. Approving is not among it.

use super::preview::{self, Asked};
use super::{Kept, apply, view};
use crate::app::App;
use crate::audit::{self, case_of};
use crate::error::ApiError;
use crate::policy::Principal;
use crate::router::{RequestId, read_body};
use crate::secret::Secret;
use crate::terminal;
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use casebook_wire::Entry;
use casebook_wire::plan::Event;
use http::{Method, Request};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The body of a wish for a plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    kind: WishKind,
    host: String,
    path: String,
    note: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WishKind {
    #[default]
    Quarantine,
}

/// Answers everything under `/api/v1/plans`.
pub async fn handle(
    app: Arc<App>,
    principal: Principal,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let rest = path.strip_prefix("/api/v1/plans").unwrap_or_default();
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    match (parts.as_slice(), &method) {
        ([], &Method::POST) => {
            let made = create(&app, &principal, request, id).await?;
            Ok(announced(&app, &made).into_response())
        }
        ([], &Method::GET) => {
            let user = principal.user.clone();
            let plans = app.plans.all(move |kept| kept.plan.actor == user).await;
            let plans: Vec<_> = plans
                .iter()
                .map(|kept| view::json(kept, &app.approval_host))
                .collect();
            Ok(Json(serde_json::json!({ "plans": plans })).into_response())
        }
        ([plan], &Method::GET) => {
            let kept = app.plans.of(plan, &principal.user).await?;
            Ok(answer(&app, &kept))
        }
        ([plan, verb @ ("apply" | "undo" | "cancel" | "look")], &Method::POST) => {
            let kept = app.plans.of(plan, &principal.user).await?;
            let asked = Asked {
                principal: &principal,
                case: &kept.plan.case,
                id,
            };
            match *verb {
                "apply" => Ok(answer(
                    &app,
                    &apply::apply(&app, &principal, &kept, id).await?,
                )),
                "look" => Ok(answer(
                    &app,
                    &apply::look(&app, &principal, &kept, id).await?,
                )),
                "cancel" => Ok(answer(&app, &cancel(&app, &principal, &kept, id).await?)),
                _ => {
                    let made = preview::undo(&app, &asked, &kept).await?;
                    Ok(announced(&app, &made).into_response())
                }
            }
        }
        ([] | [_], _) => Err(ApiError::method("GET or POST")),
        ([_, "apply" | "undo" | "cancel" | "look"], _) => Err(ApiError::method("POST")),
        _ => Err(ApiError::not_found(&path)),
    }
}

async fn create(
    app: &Arc<App>,
    principal: &Principal,
    request: Request<Body>,
    id: &RequestId,
) -> Result<(Kept, Secret), ApiError> {
    let case = case_of(request.headers())?;
    let body = read_body(request, app.config.limits.body).await?;
    let wish: Wish = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_data(
            format!("The body of this request is no wish for a plan: {error}."),
            "Send JSON such as {\"kind\": \"quarantine\", \"host\": \"web1\", \"path\": \"/var/crash/core\"}.",
        )
    })?;
    let WishKind::Quarantine = wish.kind;
    let asked = Asked {
        principal,
        case: &case,
        id,
    };
    preview::quarantine(app, &asked, &wish.host, &wish.path, wish.note.as_deref()).await
}

async fn cancel(
    app: &App,
    principal: &Principal,
    kept: &Kept,
    id: &RequestId,
) -> Result<Kept, ApiError> {
    let now = app.plans.step(&kept.plan.id, Event::Cancel).await?;
    app.audit
        .append(Entry {
            target: kept.plan.host.clone(),
            params: BTreeMap::from([("plan".to_owned(), kept.plan.id.clone())]),
            reason: "taken back".to_owned(),
            ..audit::entry(&kept.plan.case, "plan.cancel", principal, id)
        })
        .await;
    Ok(now)
}

/// Tells the terminal of a new plan, and the notebook all but the code.
fn announced(app: &App, (kept, code): &(Kept, Secret)) -> Json<serde_json::Value> {
    terminal::announce_plan(app, kept, code);
    Json(view::json(kept, &app.approval_host))
}

fn answer(app: &App, kept: &Kept) -> Response {
    Json(view::json(kept, &app.approval_host)).into_response()
}
