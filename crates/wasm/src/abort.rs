//! One abort for a whole query: the fetch and the reading of its body.

use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use crate::error::{Kind, QueryError};
use crate::request::Request;

/// Follows the caller's signal while it lives, and can abort by itself.
///
/// The caller's own signal is not handed to fetch: what ends a query by itself, such as a body that cannot be decoded, must
/// close the connection, too.
pub struct Abort {
    controller: AbortController,
    followed: Option<(AbortSignal, Closure<dyn Fn()>)>,
}

impl Abort {
    /// Follows `signal`; one that is aborted already aborts this one at once.
    ///
    /// # Errors
    /// When the worker has no `AbortController`.
    pub fn following(request: &Request, signal: Option<AbortSignal>) -> Result<Self, QueryError> {
        let unsupported = |_| QueryError {
            message: "The query was not sent: this browser cannot cancel a fetch.".into(),
            next: "Use a current Chrome, Edge, Firefox or Safari.".into(),
            ..QueryError::of(Kind::BadRequest, request)
        };
        let controller = AbortController::new().map_err(unsupported)?;
        let Some(signal) = signal else {
            return Ok(Self {
                controller,
                followed: None,
            });
        };
        if signal.aborted() {
            controller.abort();
        }
        let own = controller.clone();
        let listener = Closure::<dyn Fn()>::new(move || own.abort());
        signal
            .add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref())
            .map_err(unsupported)?;
        Ok(Self {
            controller,
            followed: Some((signal, listener)),
        })
    }

    /// What fetch listens to.
    #[must_use]
    pub fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    /// Whether the caller, or [`Abort::abort`], has stopped the query.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.controller.signal().aborted()
    }

    /// Ends the fetch and closes its connection.
    pub fn abort(&self) {
        self.controller.abort();
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some((signal, listener)) = &self.followed {
            let callback = listener.as_ref().unchecked_ref();
            // Nothing can be done about a listener that does not go; it would only abort a finished query.
            let _ = signal.remove_event_listener_with_callback("abort", callback);
        }
    }
}
