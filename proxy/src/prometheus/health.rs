//! Whether a source answers: a trivial query, which also proves the path prefix and the token.

use super::Source;
use crate::clock;
use crate::upstream::causes;
use casebook_wire::{Health, HealthState};
use http::Method;
use http_body_util::{BodyExt, Limited};
use std::time::{Duration, Instant};

const KEEP: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_secs(2);
const LONGEST: usize = 64 << 10;

/// The source's health, asked anew when the last check is more than 10 s old.
pub async fn check(source: &Source) -> Health {
    // Held over the check: of many that ask at once, one goes to the source.
    let mut last = source.health.lock().await;
    if let Some((at, health)) = &*last
        && at.elapsed() < KEEP
    {
        return health.clone();
    }
    let (state, detail) = match tokio::time::timeout(WAIT, ask(source)).await {
        Ok(Ok(())) => (HealthState::Up, "A trivial query was answered.".to_owned()),
        Ok(Err(detail)) => (HealthState::Down, detail),
        Err(_) => (
            HealthState::Unknown,
            format!(
                "A trivial query was not answered within {} s.",
                WAIT.as_secs()
            ),
        ),
    };
    let health = Health {
        state,
        detail,
        checked_at: clock::rfc3339(clock::now_ms()),
    };
    *last = Some((Instant::now(), health.clone()));
    health
}

async fn ask(source: &Source) -> Result<(), String> {
    let request = source
        .request(&Method::GET, "query", "query=1")
        .await
        .map_err(|error| format!("{error:#}."))?;
    let response = source
        .client
        .request(request)
        .await
        .map_err(|error| format!("It cannot be reached: {}.", causes(&error)))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(
            "It answers by a redirect, which is not followed; set the url to where it leads."
                .to_owned(),
        );
    }
    if status == 401 || status == 403 {
        return Err(format!(
            "It refuses the proxy with status {status}; see bearer_file."
        ));
    }
    if !status.is_success() {
        return Err(format!("It answers a trivial query with status {status}."));
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    let bytes = body
        .map_err(|error| format!("Its answer broke off: {error}."))?
        .to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|_| "Its answer is no JSON: is this the url of a Prometheus?".to_owned())?;
    if answer.get("status").and_then(|status| status.as_str()) != Some("success") {
        return Err("It answers a trivial query with an error.".to_owned());
    }
    Ok(())
}
