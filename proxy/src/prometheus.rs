//! Reads of Prometheus: which paths there are, which parameters they take, and the relay itself.

mod endpoint;
mod exchange;
mod health;
mod params;
mod relay;
mod source;

pub use endpoint::{Endpoint, route};
pub use health::check;
pub use params::{Checked, Limits, check_params};
pub use relay::handle;
pub use source::Source;
