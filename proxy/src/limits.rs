//! How much one user, and all together, may ask for.

use crate::config;
use crate::error::ApiError;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use http::StatusCode;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const LOGIN_TRIES_PER_MINUTE: u32 = 20;

/// Rate and concurrency limits, keyed by user: behind `ssh -L` all users have one address.
#[derive(Debug)]
pub struct Limits {
    rate: DefaultKeyedRateLimiter<String>,
    login: DefaultDirectRateLimiter,
    per_user: usize,
    users: Mutex<HashMap<String, Arc<Semaphore>>>,
    total: Arc<Semaphore>,
    queue: Duration,
}

/// The right to one upstream request, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    _user: OwnedSemaphorePermit,
    _total: OwnedSemaphorePermit,
}

impl Limits {
    /// Limits as configured.
    pub fn new(config: &config::Limits) -> Limits {
        let per_minute = NonZeroU32::new(config.requests_per_minute).unwrap_or(NonZeroU32::MIN);
        let logins = NonZeroU32::new(LOGIN_TRIES_PER_MINUTE).unwrap_or(NonZeroU32::MIN);
        Limits {
            rate: RateLimiter::keyed(Quota::per_minute(per_minute)),
            login: RateLimiter::direct(Quota::per_minute(logins)),
            per_user: config.concurrent as usize,
            users: Mutex::default(),
            total: Arc::new(Semaphore::new(config.concurrent_total as usize)),
            queue: config.queue,
        }
    }

    /// Counts one API request of `user`.
    pub fn check_rate(&self, user: &str) -> Result<(), ApiError> {
        self.rate.check_key(&user.to_owned()).map_err(|refused| {
            too_many(
                "You have asked this proxy more often than limits.requests_per_minute allows.",
                &refused,
            )
        })
    }

    /// Counts one attempt to sign in.
    pub fn check_login(&self) -> Result<(), ApiError> {
        self.login
            .check()
            .map_err(|refused| too_many("There were too many attempts to sign in.", &refused))
    }

    /// Waits a little for the right to one more upstream request.
    pub async fn enter(&self, user: &str) -> Result<Permit, ApiError> {
        let semaphore = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = || Arc::new(Semaphore::new(self.per_user));
            Arc::clone(users.entry(user.to_owned()).or_insert_with(fresh))
        };
        let both = async {
            let user = semaphore.acquire_owned().await.ok()?;
            let total = Arc::clone(&self.total).acquire_owned().await.ok()?;
            Some(Permit {
                _user: user,
                _total: total,
            })
        };
        match tokio::time::timeout(self.queue, both).await {
            Ok(Some(permit)) => Ok(permit),
            _ => Err(ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                format!(
                    "{} of your requests are still running, which is limits.concurrent.",
                    self.per_user
                ),
                "Wait for them, or interrupt the cells that made them.",
            )
            .retry_after(1)),
        }
    }
}

fn too_many(what: &str, refused: &NotUntil<std::time::Instant>) -> ApiError {
    let wait = refused
        .wait_time_from(DefaultClock::default().now())
        .as_secs()
        + 1;
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        what,
        format!("Ask again in {wait} seconds."),
    )
    .retry_after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_user_cannot_take_another_ones_turn() {
        let config = config::Limits {
            concurrent: 1,
            queue: Duration::from_millis(10),
            requests_per_minute: 2,
            ..Default::default()
        };
        let limits = Limits::new(&config);
        let held = limits.enter("ada").await.unwrap();
        assert_eq!(limits.enter("ada").await.unwrap_err().status, 429);
        assert!(limits.enter("bob").await.is_ok());
        drop(held);
        assert!(limits.enter("ada").await.is_ok());

        assert!(limits.check_rate("ada").is_ok() && limits.check_rate("ada").is_ok());
        assert!(limits.check_rate("ada").unwrap_err().retry_after.unwrap() <= 31);
        assert!(limits.check_rate("bob").is_ok());
    }
}
