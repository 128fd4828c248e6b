//! What the API answers when it cannot answer: Prometheus's error types with their status codes.

/// The error types of Prometheus's API that the drill uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A parameter is missing or wrong.
    BadData,
    /// The expression cannot be evaluated.
    Execution,
    /// The evaluation took longer than allowed.
    Timeout,
    /// A fault of the drill itself.
    Internal,
}

impl Kind {
    /// The value of `errorType`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status that Prometheus answers with.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::BadData => 400,
            Self::Execution => 422,
            Self::Timeout => 503,
            Self::Internal => 500,
        }
    }
}

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
}

impl Failure {
    /// A parameter that cannot be used, in Prometheus's words.
    pub(crate) fn parameter(name: &str, problem: impl std::fmt::Display) -> Self {
        Self::bad_data(format!("invalid parameter {name:?}: {problem}"))
    }

    pub(crate) fn bad_data(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::BadData,
            message: message.into(),
        }
    }

    pub(crate) fn execution(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Execution,
            message: message.into(),
        }
    }
}
