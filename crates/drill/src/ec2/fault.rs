//! Errors as EC2 and STS write them.

use super::xml;

/// The two services that the drill plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// Instances, their tags and their states.
    Ec2,
    /// Who is asking.
    Sts,
}

impl Service {
    /// The name in a credential scope.
    pub(super) fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Sts => "sts",
        }
    }

    /// The only version of the API that the drill speaks.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Ec2 => "2016-11-15",
            Self::Sts => "2011-06-15",
        }
    }

    /// The XML namespace of its answers.
    pub(super) fn namespace(self) -> &'static str {
        match self {
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }
}

/// An error answer: HTTP status, AWS's code, and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Fault {
    /// A request that cannot be used.
    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code,
            message: message.into(),
        }
    }

    /// A caller who may not.
    pub(super) fn refused(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// The body in the service's own format.
    pub(super) fn body(&self, service: Service, request_id: &str) -> String {
        let code = xml::text("Code", self.code);
        let message = xml::text("Message", &self.message);
        match service {
            Service::Ec2 => {
                let error = xml::element("Error", &format!("{code}{message}"));
                let errors = xml::element("Errors", &error);
                let id = xml::text("RequestID", request_id);
                let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
                format!("{head}\n<Response>{errors}{id}</Response>")
            }
            Service::Sts => {
                let kind = xml::text("Type", "Sender");
                let error = xml::element("Error", &format!("{kind}{code}{message}"));
                let id = xml::text("RequestId", request_id);
                let inner = format!("{error}{id}");
                xml::document("ErrorResponse", service.namespace(), &inner)
            }
        }
    }
}
