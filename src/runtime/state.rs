//! The state of a run as JSON, for `GET /_fnc/state`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::inner::Process;
use super::payload::Payload;
use super::plan::Plan;
use crate::engine::{Engine, FunctionId, SourceId};

/// Describes functions, instances and sources.
pub(super) fn state(
    plan: &Plan,
    engine: &Engine<Payload>,
    processes: &BTreeMap<u64, Process>,
) -> Value {
    let functions = plan.functions.iter().enumerate();
    let functions = functions.map(|(at, function)| {
        let view = engine.function_view(FunctionId(at));
        let scale = engine.program().functions.get(at).map(|it| it.scale);
        let own = processes
            .iter()
            .filter(|(_, it)| it.function == function.name);
        let instances = own.map(|(id, it)| json!({ "instance": id, "pid": it.pid }));
        json!({
            "name": &*function.name,
            "runtime": function.runtime,
            "min": scale.map(|it| it.min),
            "max": scale.map(|it| it.max),
            "concurrency": scale.map(|it| it.concurrency),
            "starting": view.starting,
            "ready": view.ready,
            "busy": view.busy,
            "stopping": view.stopping,
            "running": view.running,
            "instances": instances.collect::<Vec<_>>(),
        })
    });
    let sources = plan
        .sources
        .iter()
        .zip(&engine.program().sources)
        .enumerate();
    let sources = sources.map(|(at, (source, rule))| {
        let view = engine.source_view(SourceId(at));
        let function = rule.function.map(|it| &*plan.function(it).name);
        let ledger = view.ledger;
        json!({
            "source": source.resource,
            "trigger": source.label,
            "function": function,
            "waiting": view.waiting,
            "oldest_ms": view.oldest.map(|it| it.0 / 1_000_000),
            "running": ledger.running,
            "arrived": ledger.arrived,
            "done": ledger.done,
            "failed": ledger.failed,
            "parked": ledger.parked,
            "throttled": ledger.throttled,
            "dropped": ledger.dropped,
        })
    });
    json!({
        "app": plan.app.name.value,
        "stage": plan.app.stage,
        "functions": functions.collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
    })
}
