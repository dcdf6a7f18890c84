//! The rules of the language that concern the program as a whole: one file per rule, run over the model.
//!
//! Each rule looks at one thing and says one thing; the loops are here, so that everything is passed once. Rules about
//! what is missing skip declarations with errors in them: what is missing there was perhaps only misspelt.

mod any_site;
mod auth_unsaid;
mod authorizer_busy;
mod batch_too_long;
mod bucket_keys;
mod can_unused;
mod cold_calls;
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
mod layer_folder;
mod load_beyond_scale;
mod max_below_min;
mod named_twice;
mod nothing_parks;
mod nothing_reads;
mod nothing_runs;
mod nothing_starts;
mod order_ends;
mod other_language;
mod park_circle;
mod parked_return;
mod plain_imports;
mod plain_text;
mod public_bucket;
mod queue_twice;
mod queue_without_consumer;
mod reply_without_websocket;
mod reserved_path;
mod retry_without_push;
mod route_twice;
mod runtime_of_file;
mod shards_wait;
mod slow_consumer;
mod slow_drain;
mod symbols;
mod table_index;
mod table_key;
#[cfg(test)]
mod testing;
mod trigger_twice;
mod websocket_twice;

use super::HandlerFiles;
use crate::diagnostic::Diagnostics;
use crate::model::{App, Function, Language, Name, Queue, Setting, TriggerKind};
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
    let queues_and_topics = intact.queues_and_topics(app);
    let flow = Flow::of(app);
    let mut modules = Modules::new(handlers);
    let mut routes = Routes::default();
    for function in app.functions.values() {
        if function.runtime.value.language() == Language::Other {
            other_language::check(function, handlers, found);
        } else {
            match modules.get(&function.handler.file) {
                None => handler_file::missing(&function.handler, handlers, found),
                Some(module) => handler_symbol::check(&function.handler, module, found),
            }
        }
        runtime_of_file::check(function, found);
        routes.add(function, found);
        check_function(function, app, found);
        if queues_and_topics {
            fifo_mix::function(function, app, found);
            order_ends::check(function, app, found);
        }
        if intact.function(function) {
            check_whole_function(function, found);
            can_unused::check(function, &mut modules, found);
        }
    }
    for queue in app.queues.values() {
        let used = flow.queue(&queue.name.value);
        queue_twice::check(queue, used, found);
        if queues_and_topics {
            fifo_mix::queue(queue, app, found);
        }
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
    layer_folder::check(app, handlers, found);
    park_circle::check(app, found);
    named_twice::check(app, found);
    feeds_itself::check(app, found);
    parked_return::check(app, &flow, found);
    if intact.all() {
        nothing_starts::check(app, found);
        nothing_reads::check(app, found);
        slow_consumer::check(app, found);
    }
    for bucket in app.buckets.values() {
        public_bucket::check(bucket, found);
    }
    for table in app.tables.values() {
        table_key::check(table, found);
        table_index::check(table, found);
    }
}

/// Rules about what is written.
fn check_function(function: &Function, app: &App, found: &mut Diagnostics) {
    trigger_twice::check(function, found);
    bucket_keys::check(function, found);
    max_below_min::check(&function.scale, found);
    nothing_runs::check(&function.scale, found);
    env_size::check(function, &app.targets, found);
    for var in &function.env {
        env_name::check(var, &app.targets, found);
        credential::check(var, found);
    }
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Http(it) => reserved_path::check(it, found),
            TriggerKind::Stream(it) => {
                fifo_mix::log("stream", it, app, found);
                shards_wait::check(function, it, app, found);
            }
            TriggerKind::Table(it) => fifo_mix::log("table", it, app, found),
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
}

/// Rules about what isn't written, or holds by default.
fn check_whole_function(function: &Function, found: &mut Diagnostics) {
    retry_without_push::check(function, found);
    nothing_parks::function(function, found);
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Http(it) => auth_unsaid::check(it, found),
            TriggerKind::Stream(it) => nothing_parks::log(function, "stream", it, found),
            TriggerKind::Table(it) => nothing_parks::log(function, "table", it, found),
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
    let Some(expect) = &function.expect else {
        return;
    };
    event_too_long::check(function, expect, found);
    load_beyond_scale::check(function, expect, found);
    slow_drain::check(function, expect, found);
    cold_calls::check(function, expect, found);
    for trigger in &function.triggers {
        if let Some((source, batch)) = batch(&trigger.kind) {
            batch_too_long::check(function, source, batch, expect, found);
        }
    }
}

/// Returns the source of a trigger that takes records in batches, and how many at most.
fn batch(kind: &TriggerKind) -> Option<(&Name, Setting<u32>)> {
    match kind {
        TriggerKind::Queue(it) => Some((&it.queue, it.batch)),
        TriggerKind::Stream(it) | TriggerKind::Table(it) => Some((&it.source, it.batch)),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    }
}

fn check_whole_queue(queue: &Queue, flow: &Flow<'_>, found: &mut Diagnostics) {
    nothing_parks::queue(queue, flow.queue(&queue.name.value), found);
    keep_too_short::check(queue, found);
}
