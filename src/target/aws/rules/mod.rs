//! What AWS can't honour, or honours in its own way, beyond what the table of limits says. One file for each thing
//! of the program; the codes say the rest.

mod about;
mod address;
mod allow;
mod batch;
mod concurrency;
mod executables;
mod fifo_name;
mod hatch;
mod hidden;
mod http;
mod layers;
mod named;
mod network;
mod notifications;
mod overlap;
mod parked;
mod parked_records;
mod patterns;
mod quota;
mod raw;
mod raw_trigger;
mod rounding;
mod scale;
mod secret;
mod sources;
mod tags;
mod throttle;
mod waits;
mod websocket;

#[cfg(test)]
pub(super) use quota::resources;

use crate::diagnostic::Diagnostics;
use crate::model::App;

/// Applies every rule.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for function in app.functions.values() {
        address::check(app, function, found);
        allow::check(function, found);
        batch::check(app, function, found);
        concurrency::check(function, found);
        executables::check(app, function, found);
        parked_records::check(function, found);
        rounding::function(function, found);
        scale::check(function, found);
        throttle::check(function, found);
    }
    for queue in app.queues.values() {
        hidden::check(app, queue, found);
        parked::check(app, queue, found);
        rounding::queue(queue, found);
    }
    for stream in app.streams.values() {
        rounding::stream(stream, found);
    }
    for bucket in app.buckets.values() {
        rounding::bucket(bucket, found);
    }
    hatch::check(app, found);
    patterns::check(app, found);
    layers::check(app, found);
    raw::check(app, found);
    raw_trigger::check(app, found);
    address::outputs(app, found);
    named::check(app, found);
    fifo_name::check(app, found);
    sources::check(app, found);
    network::check(app, found);
    notifications::check(app, found);
    for secret in app.secrets.values() {
        secret::check(app, secret, found);
    }
    overlap::check(app, found);
    http::check(app, found);
    quota::check(app, found);
    tags::check(app, found);
    about::check(app, found);
    waits::check(app, found);
    websocket::check(app, found);
}
