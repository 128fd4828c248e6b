//! The drill's cloud: EC2's Query API, version 2016-11-15, over the fleet, one running instance for
//! each server, and the `GetCallerIdentity` of STS. Reads only, in the region [`REGIONS`] begins
//! with.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html>

mod describe;
mod fault;
mod filter;
mod signature;
mod xml;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::fleet::Fleet;
use crate::params::Params;
use fault::{Fault, Service};

/// The regions that the drill lists; the instances are in the first.
pub const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-central-1"];

#[derive(Clone)]
struct Cloud {
    fleet: Fleet,
    answers: Arc<AtomicU64>,
}

/// EC2's and STS's Query API over a fleet, at `/`.
pub fn cloud_router(fleet: Fleet) -> Router {
    let cloud = Cloud {
        fleet,
        answers: Arc::default(),
    };
    Router::new()
        .route("/", get(answer).post(answer))
        .with_state(cloud)
}

async fn answer(
    State(cloud): State<Cloud>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let number = cloud.answers.fetch_add(1, Ordering::Relaxed);
    let request_id = format!("d1e5ca5e-b00c-4000-8000-{number:012x}");
    let params = Params::new(query.as_deref(), &body);
    let action = params.get("Action");
    let service = match action {
        "GetCallerIdentity" => Service::Sts,
        _ => Service::Ec2,
    };
    let (status, body) = match act(&cloud.fleet, service, &headers, &params) {
        Ok(inner) => (200, success(service, action, &inner, &request_id)),
        Err(fault) => (fault.status, fault.body(service, &request_id)),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let described = [
        (header::CONTENT_TYPE, "text/xml;charset=UTF-8".to_owned()),
        (HeaderName::from_static("x-amzn-requestid"), request_id),
    ];
    (status, described, body).into_response()
}

fn act(
    fleet: &Fleet,
    service: Service,
    headers: &HeaderMap,
    params: &Params,
) -> Result<String, Fault> {
    let action = params.get("Action");
    if action.is_empty() {
        let message = "The request must contain the parameter Action";
        return Err(Fault::bad("MissingAction", message));
    }
    let region = signature::region(headers, service)?;
    let version = params.get("Version");
    if version != service.version() {
        let message = format!("The requested version ({version}) of the service does not exist");
        return Err(Fault::bad("NoSuchVersion", message));
    }
    if !REGIONS.contains(&region) {
        let message = "Credential should be scoped to a valid region.";
        return Err(Fault::refused(401, "AuthFailure", message));
    }
    match action {
        "DescribeInstances" => describe::instances(fleet, region, params),
        "DescribeInstanceStatus" => describe::instance_status(fleet, region, params),
        "DescribeTags" => describe::tags(fleet, region, params),
        "DescribeRegions" => describe::regions(params),
        "GetCallerIdentity" => {
            let arn = format!("arn:aws:iam::{}:user/drill", describe::ACCOUNT);
            let identity = xml::text("Arn", &arn)
                + &xml::text("UserId", "AIDADRILLDRILLDRILL00")
                + &xml::text("Account", describe::ACCOUNT);
            Ok(xml::element("GetCallerIdentityResult", &identity))
        }
        _ => {
            let message = format!(
                "You are not authorized to perform this operation. User: \
                 arn:aws:iam::{}:user/drill is not authorized to perform: ec2:{action}",
                describe::ACCOUNT
            );
            Err(Fault::refused(403, "UnauthorizedOperation", message))
        }
    }
}

/// EC2 puts the request's id first, STS at the end.
fn success(service: Service, action: &str, inner: &str, request_id: &str) -> String {
    let inner = match service {
        Service::Ec2 => xml::text("requestId", request_id) + inner,
        Service::Sts => {
            let id = xml::text("RequestId", request_id);
            format!("{inner}{}", xml::element("ResponseMetadata", &id))
        }
    };
    xml::document(&format!("{action}Response"), service.namespace(), &inner)
}
