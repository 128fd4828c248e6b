use std::fmt;

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
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::said(&message)
    }
}
