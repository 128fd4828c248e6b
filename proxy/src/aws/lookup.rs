//! `/api/v1/aws/{account}/instance` and `/instances`: the search for the machine behind a series.

use super::Account;
use super::action::{Call, DESCRIBE_INSTANCES};
use super::answer::instances_of;
use super::call::{Asker, Failure, asked, make, record_denial, rule};
use super::choice::choose;
use super::matching::Criteria;
use super::question::Question;
use super::relay::place;
use super::trouble::Trouble;
use crate::app::App;
use crate::audit::{self, case_of};
use crate::error::ApiError;
use crate::policy::Principal;
use crate::router::{RequestId, read_body};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use casebook_wire::{Decision, FoundInstance, Instance, InstanceList, Phase, sha256_hex};
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Instances that one call is asked for; EC2 gives 1000 at most.
const PAGE: usize = 200;
/// Most instances that are gone through.
const MOST: usize = 10_000;

/// Answers a request for `path`, which begins with `/api/v1/aws/`.
pub async fn handle_lookup(
    app: Arc<App>,
    principal: Principal,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    let path = request.uri().path().to_owned();
    let rest = path.strip_prefix("/api/v1/aws/").unwrap_or_default();
    let (name, what) = rest
        .split_once('/')
        .ok_or_else(|| ApiError::not_found(&path))?;
    let (op, method) = match what {
        "instance" => ("aws.instance", Method::POST),
        "instances" => ("aws.instances", Method::GET),
        _ => return Err(ApiError::not_found(&path)),
    };
    if *request.method() != method {
        return Err(ApiError::method(method.as_str()));
    }
    let account = account_of(&app, name)?;
    let asker = Asker {
        case: case_of(request.headers())?,
        principal,
        request_id: id.clone(),
    };
    let query = if method == Method::POST {
        Question::of_body(&account, &read_body(request, app.config.limits.body).await?)?
    } else {
        Question::of_query(request.uri().query().unwrap_or_default())?
    };
    let regions = regions_of(&account, query.region.as_deref())?;

    let started = Instant::now();
    let mut entry = audit::entry(&asker.case, op, &asker.principal, &asker.request_id);
    entry.target = name.to_owned();
    entry.params = BTreeMap::from([
        ("by".to_owned(), query.criteria.words()),
        ("regions".to_owned(), regions.join(" ")),
    ]);
    entry.phase = Phase::Intent;
    let intent = app.audit.append(entry.clone()).await;
    entry.phase = Phase::Result;
    entry.intent = intent.as_ref().map(|head| head.seq);

    let outcome = if method == Method::POST {
        search(&app, &asker, &account, &query.criteria, &regions)
            .await
            .and_then(|found| json(&found))
    } else {
        list(&app, &asker, &account, &query, &regions)
            .await
            .and_then(|list| json(&list))
    };
    entry.ts = crate::clock::now_ms();
    entry.ms = Some(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
    match outcome {
        Ok(body) => {
            entry.reason = "complete".to_owned();
            entry.status = Some(200);
            entry.bytes = Some(body.len() as u64);
            entry.digest = Some(sha256_hex(&body));
            app.audit.append_later(entry);
            let mut response = Response::new(Body::from(body));
            let headers = response.headers_mut();
            let kind = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, kind);
            place(headers, intent.as_ref());
            Ok(response)
        }
        Err(error) => {
            entry.reason = error.error.clone();
            entry.status = Some(error.status.as_u16());
            app.audit.append_later(entry);
            Err(error)
        }
    }
}

/// The one running instance of `account` that meets `criteria`, in `region` or in any; an error that
/// lists them when there is none, or more than one.
pub async fn find_one(
    app: &Arc<App>,
    asker: &Asker,
    account: &str,
    criteria: &Criteria,
    region: Option<&str>,
) -> Result<FoundInstance, ApiError> {
    let account = account_of(app, account)?;
    let regions = regions_of(&account, region)?;
    search(app, asker, &account, criteria, &regions).await
}

fn account_of(app: &App, name: &str) -> Result<Arc<Account>, ApiError> {
    if let Some(account) = app.aws.get(name) {
        return Ok(Arc::clone(account));
    }
    let known: Vec<&str> = app.aws.keys().map(String::as_str).collect();
    let next = if known.is_empty() {
        "Add an [aws.NAME] table to the proxy's configuration.".to_owned()
    } else {
        format!("Ask one of: {}.", known.join(", "))
    };
    let error = format!("This proxy has no AWS account {name:?}.");
    Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", error, next).of(name))
}

fn regions_of(account: &Account, wanted: Option<&str>) -> Result<Vec<String>, ApiError> {
    let regions = &account.config.regions;
    match wanted {
        None => Ok(regions.clone()),
        Some(one) if regions.iter().any(|region| region == one) => Ok(vec![one.to_owned()]),
        Some(one) => Err(ApiError::bad_data(
            format!(
                "The region {one:.64?} of the account {} is not asked.",
                account.name
            ),
            format!(
                "Ask one of: {}; or add it to aws.{}.regions in the proxy's configuration.",
                regions.join(", "),
                account.name
            ),
        )
        .of(&account.name)),
    }
}

async fn search(
    app: &Arc<App>,
    asker: &Asker,
    account: &Account,
    criteria: &Criteria,
    regions: &[String],
) -> Result<FoundInstance, ApiError> {
    let met = describe(app, asker, account, criteria, regions).await?;
    choose(&account.name, criteria, regions, met)
}

async fn list(
    app: &Arc<App>,
    asker: &Asker,
    account: &Account,
    question: &Question,
    regions: &[String],
) -> Result<InstanceList, ApiError> {
    let mut instances = describe(app, asker, account, &question.criteria, regions).await?;
    instances.retain(|instance| question.any_state || instance.state == "running");
    Ok(InstanceList { instances })
}

/// All instances that meet the criteria, page after page, region after region.
async fn describe(
    app: &Arc<App>,
    asker: &Asker,
    account: &Account,
    criteria: &Criteria,
    regions: &[String],
) -> Result<Vec<Instance>, ApiError> {
    let mut met: Vec<Instance> = Vec::new();
    for region in regions {
        let mut token: Option<String> = None;
        loop {
            let mut params = criteria.params();
            params.insert("MaxResults".to_owned(), PAGE.to_string());
            if let Some(token) = token.take() {
                params.insert("NextToken".to_owned(), token);
            }
            let call = Call {
                action: DESCRIBE_INSTANCES,
                params,
            };
            let page = ask(app, asker, account, region, &call).await?;
            met.extend(page.instances.into_iter().filter(|one| criteria.meets(one)));
            if met.len() > MOST {
                let error = format!(
                    "The account {} has more than {MOST} such instances.",
                    account.name
                );
                let error = ApiError::bad_data(error, "Ask by a tag, or in one region.");
                return Err(error.of(&account.name));
            }
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
    }
    met.sort_by(|a, b| (&a.region, &a.instance_id).cmp(&(&b.region, &b.instance_id)));
    Ok(met)
}

async fn ask(
    app: &Arc<App>,
    asker: &Asker,
    account: &Account,
    region: &str,
    call: &Call,
) -> Result<super::answer::Page, ApiError> {
    let ruling = rule(app, asker, &account.name, region, call.action.iam);
    if ruling.decision != Decision::Allow {
        record_denial(
            app,
            asker,
            &account.name,
            call.params.clone(),
            &ruling.reason,
        )
        .await;
        let next = "Ask for what GET /api/v1/catalog lists.";
        let error = format!("Casebook's proxy refuses this call: {}.", ruling.reason);
        return Err(ApiError::new(StatusCode::FORBIDDEN, "denied", error, next).of(&account.name));
    }
    let asked = asked(call, region);
    let in_words = |trouble: Trouble| trouble.to_error(&account.name, &asked);
    match make(app, asker, account, region, call, ruling, false).await {
        Ok(answered) => instances_of(&answered.body, &account.name, region)
            .ok_or_else(|| in_words(Trouble::NotAws(StatusCode::OK))),
        Err(Failure::Ours(error)) => Err(error),
        Err(Failure::Theirs(trouble)) => Err(in_words(trouble)),
    }
}

fn json(value: &impl Serialize) -> Result<Bytes, ApiError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            format!("The answer cannot be written: {error}."),
            "Please report this.",
        )
    })
}
