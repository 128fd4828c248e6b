//! JSON for code that is sent to browsers: [`to_string`] and [`from_str`] do what serde_json's do, in a fifth of the code.
//!
//! serde_json reads and writes as fast as it can, by code of its own for each type. Here a text first becomes a
//! [`Value`], by code that is there once, and types are taken out of that. What is written is the same, byte for byte.
//!
//! ```
//! let settings = casebook_json::parse(r#"{"margin": 1.3}"#)?;
//! assert_eq!(settings.get("margin").and_then(|margin| margin.as_f64()), Some(1.3));
//! assert_eq!(casebook_json::to_string(&settings)?, r#"{"margin":1.3}"#);
//! # Ok::<(), casebook_json::Error>(())
//! ```

mod error;
mod parse;
mod read;
mod value;
mod write;

use serde::de::DeserializeOwned;

pub use error::Error;
pub use parse::parse;
pub use value::{Number, Value};
pub use write::to_string;

/// Reads a text as a `T`.
///
/// # Errors
/// When it is no JSON, or not that of a `T`: enums with data are not read, and bytes are not.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    parse(text)?.to()
}
