//! Faults of objects, and where they stand.

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::target::knative) struct Fault {
    /// Where: a JSON pointer into the object.
    pub(in crate::target::knative) path: String,
    /// What is said of it.
    pub(in crate::target::knative) message: String,
    /// What sort of fault it is.
    pub(in crate::target::knative) kind: FaultKind,
}

/// What sort of fault it is; each has a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::target::knative) enum FaultKind {
    /// There is no such field.
    Unknown,
    /// The field takes another kind of value.
    Misfit,
    /// A rule forbids it.
    Refused,
}

/// Collects faults.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) list: Vec<Fault>,
}

impl Faults {
    pub(super) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.of(FaultKind::Refused, path, message);
    }

    pub(super) fn of(
        &mut self,
        kind: FaultKind,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        let (path, message) = (path.into(), message.into());
        self.list.push(Fault {
            path,
            message,
            kind,
        });
    }
}
