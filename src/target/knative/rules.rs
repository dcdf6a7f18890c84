//! What Knative can't do, and what it does in its own way.

mod environment;
mod notices;
mod refusals;

use crate::diagnostic::Diagnostics;
use crate::model::App;

/// Finds both.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for queue in app.queues.values() {
        refusals::queue(queue, found);
        notices::queue(app, queue, found);
    }
    for topic in app.topics.values() {
        notices::topic(topic, found);
    }
    for function in app.functions.values() {
        refusals::function(function, found);
        notices::function(function, found);
        environment::check(app, function, found);
    }
    notices::unbounded(app, found);
}
