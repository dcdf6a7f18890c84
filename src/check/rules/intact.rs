//! Which declarations could be read whole. What is missing from a broken one was perhaps only misspelt, so rules
//! about absent things stay silent there: one finding per cause.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::{App, Function, Queue};
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind};

/// The declarations with an error in them.
#[derive(Debug, Default)]
pub(super) struct Intact {
    broken: BTreeSet<Span>,
    /// An error outside of functions and resources, in a let for instance, may change any of them.
    elsewhere: bool,
}

impl Intact {
    /// Sorts what was found so far by the declaration it lies in.
    pub(super) fn of(files: &[ast::File], found: &Diagnostics) -> Self {
        let declarations = files.iter().flat_map(|it| &it.declarations);
        let mut spans: Vec<Span> = declarations
            .filter(|it| stands_alone(&it.kind))
            .map(|it| it.span)
            .collect();
        spans.sort_unstable();
        let errors = found.iter().filter(|it| it.severity() == Severity::Error);
        let mut places: Vec<Span> = errors.filter_map(Diagnostic::span).collect();
        places.extend(files.iter().flat_map(|it| &it.broken));
        let mut intact = Intact::default();
        for place in places {
            let after =
                spans.partition_point(|it| (it.source, it.start) <= (place.source, place.start));
            let before = after.checked_sub(1).and_then(|at| spans.get(at));
            match before.filter(|it| it.source == place.source && place.start < it.end) {
                Some(declaration) => {
                    intact.broken.insert(*declaration);
                }
                None => intact.elsewhere = true,
            }
        }
        intact
    }

    /// Tells whether a function was read whole, and nothing that it may depend on is broken.
    pub(super) fn function(&self, function: &Function) -> bool {
        !self.elsewhere && !self.broken.contains(&function.span)
    }

    /// Tells whether a queue was read whole, and nothing that it may depend on is broken.
    pub(super) fn queue(&self, queue: &Queue) -> bool {
        !self.elsewhere && !self.broken.contains(&queue.span)
    }

    /// Tells whether all queues and topics were read whole.
    pub(super) fn queues_and_topics(&self, app: &App) -> bool {
        let queues = app.queues.values().map(|it| it.span);
        let mut all = queues.chain(app.topics.values().map(|it| it.span));
        !self.elsewhere && all.all(|it| !self.broken.contains(&it))
    }

    /// Tells whether the whole program was read without an error.
    pub(super) fn all(&self) -> bool {
        !self.elsewhere && self.broken.is_empty()
    }
}

/// Tells whether an error inside changes nothing outside of the declaration but the use of its name.
fn stands_alone(kind: &DeclarationKind) -> bool {
    match kind {
        DeclarationKind::App(_)
        | DeclarationKind::Secret(_)
        | DeclarationKind::Resource(_)
        | DeclarationKind::Function(_) => true,
        DeclarationKind::Import(_)
        | DeclarationKind::Stages(_)
        | DeclarationKind::Param(_)
        | DeclarationKind::Constant(_)
        | DeclarationKind::Defaults(_)
        | DeclarationKind::Output(_)
        | DeclarationKind::Settings(_)
        | DeclarationKind::Test(_) => false,
    }
}
