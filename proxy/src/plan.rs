//! Changes of a host: previewed, approved where notebook code cannot reach, done once, undoable.
//!
//! The rules are [`casebook_wire::plan`]; here are the journal that lets them survive a killed
//! proxy, the calls of the host, and the routes under `/api/v1/plans`.

mod apply;
mod code;
mod journal;
mod preview;
mod refusal;
mod routes;
mod store;
pub(crate) mod view;
pub(crate) mod words;

pub use apply::settle_all;
pub use routes::handle;
pub use store::{Kept, Plans};
