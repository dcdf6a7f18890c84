//! FN0840: what is said in one target's own words, and left out on another.

use super::Target;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Hatch, Place, TriggerKind};
use crate::source::Span;

/// Names every hatch of another target, unless the program is for that one only.
pub(super) fn check(app: &App, target: Target, found: &mut Diagnostics) {
    let places = app.queues.values().map(|it| &it.place);
    let places = places.chain(app.topics.values().map(|it| &it.place));
    let places = places.chain(app.streams.values().map(|it| &it.place));
    let places = places.chain(app.buckets.values().map(|it| &it.place));
    let places = places.chain(app.tables.values().map(|it| &it.place));
    let places = places.chain(app.buses.values().map(|it| &it.place));
    let mut left = LeftOut { target, found };
    for Place { hatches, .. } in places {
        left.hatches(hatches);
    }
    for layer in app.layers.values() {
        left.hatches(&layer.hatches);
    }
    for function in app.functions.values() {
        left.hatches(&function.hatches);
        for allow in &function.allow {
            let span = allow.actions.first().map(|it| it.span);
            left.out("permission", allow.target, span.unwrap_or(function.span));
        }
        for trigger in &function.triggers {
            left.hatches(&trigger.hatches);
            if let TriggerKind::Raw(raw) = &trigger.kind {
                left.out("trigger", raw.target, trigger.span);
            }
        }
    }
    for raw in &app.raw {
        left.out("resource", raw.target, raw.name.span);
    }
}

struct LeftOut<'a> {
    target: Target,
    found: &'a mut Diagnostics,
}

impl LeftOut<'_> {
    fn hatches(&mut self, hatches: &[Hatch]) {
        for hatch in hatches {
            self.out("block", hatch.target, hatch.body.span);
        }
    }

    fn out(&mut self, what: &str, of: Target, span: Span) {
        if of == self.target {
            return;
        }
        let title = self.target.title();
        let message = format!("{title} is built without this {what} of {}", of.title());
        self.found.push(
            Diagnostic::new(Code::FN0840, message)
                .label(span, format!("means nothing on {title}"))
                .help(format!(
                    "say the same for {title} in a block of its own, `{} {{ … }}`, where it needs it",
                    self.target.word()
                )),
        );
    }
}
