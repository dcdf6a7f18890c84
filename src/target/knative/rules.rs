//! What Knative can't do, and what it does in its own way.

mod blocks;
mod cluster;
mod environment;
mod hatches;
mod named;
mod notices;
mod ours;
mod refusals;
mod rights;
mod settings;
mod tags;

use indexmap::IndexSet;

use crate::diagnostic::{Diagnostics, has_errors};
use crate::model::{App, Target};
use crate::target::contract;

/// Finds both.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let triggers = app.functions.values().flat_map(|it| &it.triggers);
    let queues = triggers.filter_map(|it| it.kind.queue());
    let consumed: IndexSet<&str> = queues.map(|it| it.queue.as_str()).collect();
    for queue in app.queues.values() {
        refusals::queue(queue, found);
        notices::queue(queue, consumed.contains(queue.name.as_str()), found);
    }
    for topic in app.topics.values() {
        notices::topic(topic, found);
    }
    for stream in app.streams.values() {
        notices::stream(stream, found);
    }
    for function in app.functions.values() {
        refusals::function(function, found);
        notices::function(function, found);
        contract::check(Target::Knative, function, found);
        environment::check(app, function, found);
        cluster::function(function, found);
        cluster::guarded(function, found);
        rights::check(function, found);
    }
    for output in app.outputs.values() {
        environment::attributes(app, &output.value, found);
    }
    environment::keys(app, found);
    refusals::external(app, found);
    tags::check(app, found);
    named::check(app, found);
    settings::check(app, found);
    cluster::gateway(app, found);
    notices::unbounded(app, found);
    if !has_errors(found) {
        hatches::check(app, found);
    }
}
