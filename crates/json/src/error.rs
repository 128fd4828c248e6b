use std::fmt;

use serde::de::{Expected, Unexpected};

/// Why a text could not be read, or a value not be written.
///
/// A thin pointer, so that a result that carries nothing else is returned in a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Reason>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Reason {
    text: String,
}

impl Error {
    /// What should have been at a place of the text, in bytes from its beginning.
    pub(crate) fn wanted(what: &str, at: usize) -> Self {
        Self::said(&format_args!("no JSON: {what} should be at byte {at}"))
    }

    pub(crate) fn said(what: &dyn fmt::Display) -> Self {
        let text = what.to_string();
        Self(Box::new(Reason { text }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::said(&message)
    }

    /// As serde has it, without the number that was found: writing a float takes 7 KB of wasm.
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::custom(format_args!(
            "{} stands where {wanted} should",
            kind(&found)
        ))
    }

    /// As `invalid_type`.
    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        match found {
            Unexpected::Unsigned(number) => Self::custom(format_args!("{number} is not {wanted}")),
            Unexpected::Signed(number) => Self::custom(format_args!("{number} is not {wanted}")),
            other => Self::invalid_type(other, wanted),
        }
    }
}

fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::said(&message)
    }
}
