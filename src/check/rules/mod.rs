//! The rules of the language that concern the program as a whole: one file per rule, run over the model.
//!
//! Each rule looks at one thing and says one thing; the loops are here, so that everything is passed once. Rules about
//! what is missing skip declarations with errors in them: what is missing there was perhaps only misspelt.

mod any_site;
mod auth_unsaid;
mod authorizer_busy;
mod batch_too_long;
mod credential;
mod cycles;
mod env_name;
mod env_size;
mod event_too_long;
mod feeds_itself;
mod fifo_mix;
mod flow;
mod handler_file;
mod handler_symbol;
mod hidden_too_short;
mod intact;
mod keep_too_short;
mod load_beyond_scale;
mod max_below_min;
mod named_twice;
mod nothing_parks;
mod nothing_runs;
mod park_circle;
mod queue_twice;
mod queue_without_consumer;
mod reply_without_websocket;
mod reserved_path;
mod retry_without_push;
mod route_twice;
mod runtime_of_file;
mod symbols;
#[cfg(test)]
mod testing;
mod trigger_twice;
mod websocket_twice;

use super::HandlerFiles;
use crate::diagnostic::Diagnostics;
use crate::model::{App, Function, Queue, TriggerKind};
use crate::syntax::ast;
use flow::Flow;
use handler_symbol::Modules;
use intact::Intact;
use route_twice::Routes;

/// Applies every rule to the program; `found` holds what was found while it was read.
pub(super) fn apply(
    app: &App,
    files: &[ast::File],
    handlers: &dyn HandlerFiles,
    found: &mut Diagnostics,
) {
    let intact = Intact::of(files, found);
    let flow = Flow::of(app);
    let mut modules = Modules::new(handlers);
    let mut routes = Routes::default();
    for function in app.functions.values() {
        match modules.get(&function.handler.file) {
            None => handler_file::missing(&function.handler, handlers, found),
            Some(module) => handler_symbol::check(&function.handler, module, found),
        }
        runtime_of_file::check(function, found);
        routes.add(function, found);
        check_function(function, app, found);
        if intact.function(function) {
            check_whole_function(function, found);
        }
    }
    for queue in app.queues.values() {
        let used = flow.queue(&queue.name.value);
        queue_twice::check(queue, used, found);
        fifo_mix::queue(queue, app, found);
        // How an external queue is set up, and who else uses it, only its owner knows.
        if queue.place.external.is_some() {
            continue;
        }
        if intact.queue(queue) {
            check_whole_queue(queue, &flow, found);
        }
        if intact.all() {
            hidden_too_short::check(queue, used, found);
            queue_without_consumer::check(queue, used, found);
        }
    }
    any_site::check(app, found);
    authorizer_busy::check(app, found);
    websocket_twice::check(app, found);
    if intact.all() {
        reply_without_websocket::check(app, found);
    }
    park_circle::check(app, found);
    named_twice::check(app, found);
    feeds_itself::check(app, &flow, found);
}

/// Rules about what is written.
fn check_function(function: &Function, app: &App, found: &mut Diagnostics) {
    trigger_twice::check(function, found);
    fifo_mix::function(function, app, found);
    max_below_min::check(&function.scale, found);
    nothing_runs::check(&function.scale, found);
    env_size::check(function, &app.targets, found);
    for var in &function.env {
        env_name::check(var, &app.targets, found);
        credential::check(var, found);
    }
    for trigger in &function.triggers {
        if let TriggerKind::Http(http) = &trigger.kind {
            reserved_path::check(http, found);
        }
    }
}

/// Rules about what isn't written, or holds by default.
fn check_whole_function(function: &Function, found: &mut Diagnostics) {
    retry_without_push::check(function, found);
    nothing_parks::function(function, found);
    for trigger in &function.triggers {
        if let TriggerKind::Http(http) = &trigger.kind {
            auth_unsaid::check(http, found);
        }
    }
    let Some(expect) = &function.expect else {
        return;
    };
    event_too_long::check(function, expect, found);
    load_beyond_scale::check(function, expect, found);
    for trigger in &function.triggers {
        if let TriggerKind::Queue(queue) = &trigger.kind {
            batch_too_long::check(function, queue, expect, found);
        }
    }
}

fn check_whole_queue(queue: &Queue, flow: &Flow<'_>, found: &mut Diagnostics) {
    nothing_parks::queue(queue, flow.queue(&queue.name.value), found);
    keep_too_short::check(queue, found);
}
