//! Why a call of an SDK isn't carried out, in words that each SDK takes for a final error.

use hyper::StatusCode;

/// Why a call isn't carried out.
#[derive(Debug)]
pub(super) struct Fault {
    /// The status of the answer.
    pub(super) status: StatusCode,
    /// By what SDKs tell errors apart.
    pub(super) code: &'static str,
    /// What to tell.
    pub(super) message: String,
}

impl Fault {
    fn new(status: StatusCode, code: &'static str, message: String) -> Fault {
        Fault {
            status,
            code,
            message,
        }
    }

    /// A call that isn't known here.
    pub(super) fn unknown(service: &str, call: &str) -> Fault {
        let service = if service.is_empty() { "AWS" } else { service };
        Fault::not_here(&format!("the call {call} of {service}"))
    }

    /// A part of a call that isn't known here.
    pub(super) fn not_here(what: &str) -> Fault {
        let message = format!(
            "fnc runs this function without a cloud, and doesn't carry out {what}; set AWS_ENDPOINT_URL in the function's `env` to use \
             another endpoint"
        );
        // SDKs ask again after a status of 500 and more.
        Fault::new(StatusCode::BAD_REQUEST, "NotImplemented", message)
    }

    /// A right that the function lacks.
    pub(super) fn denied(why: String) -> Fault {
        Fault::new(StatusCode::FORBIDDEN, "AccessDenied", why)
    }

    /// A parameter that is wrong.
    pub(super) fn invalid(why: impl Into<String>) -> Fault {
        Fault::new(StatusCode::BAD_REQUEST, "ValidationException", why.into())
    }

    /// An object that isn't there.
    pub(super) fn no_key(key: &str) -> Fault {
        let message = format!("there is no object `{key}`");
        Fault::new(StatusCode::NOT_FOUND, "NoSuchKey", message)
    }

    /// What can't be done now.
    pub(super) fn unavailable(why: String) -> Fault {
        Fault::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", why)
    }
}
