//! The routes of the drill.

use axum::Router;
use axum::routing::get;

/// The routes that Prometheus has and the drill answers.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/-/healthy", get(async || "drill is healthy.\n"))
        .route("/-/ready", get(async || "drill is ready.\n"))
}
