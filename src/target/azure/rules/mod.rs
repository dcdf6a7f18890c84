//! What Azure can't honour, or honours in its own way. One file for each thing of the program; the codes say the rest.

mod binding;
mod bucket;
mod delivery;
mod environment;
mod executable;
mod hatch;
mod layers;
mod log;
mod memory;
mod network;
mod output;
mod platform;
mod raw;
mod rights;
mod rounding;
mod route;
mod scale;
mod schedule;
mod table;
mod tags;

pub(super) use self::network::subnet;
pub(super) use self::platform::log_days;

use super::arm::{bucket as arm_bucket, event_hubs};
use super::plan::Plan;
use crate::diagnostic::Diagnostics;
use crate::model::{App, Target};
use crate::target::contract;

/// Applies every rule.
pub(super) fn check(app: &App, plan: &Plan<'_>, found: &mut Diagnostics) {
    for function in app.functions.values() {
        memory::check(function, found);
        route::check(function, found);
        schedule::check(function, found);
        scale::check(function, found);
        delivery::function(function, found);
        log::function(function, found);
        bucket::function(function, found);
        table::function(app, function, found);
        environment::check(function, found);
        binding::check(function, found);
        platform::check(app, function, found);
        executable::check(app, function, found);
        contract::check(Target::Azure, function, found);
    }
    for queue in app.queues.values() {
        delivery::queue(queue, found);
    }
    for stream in event_hubs::own(app) {
        log::stream(app, stream, found);
    }
    log::all(app, found);
    for it in arm_bucket::own(app) {
        bucket::bucket(it, found);
    }
    for secret in app.secrets.values() {
        environment::secret(app, secret, found);
    }
    environment::outputs(app, found);
    tags::check(app, found);
    hatch::check(app, found);
    raw::check(app, found);
    network::check(app, found);
    layers::check(app, found);
    output::check(app, plan, found);
    for function_app in &plan.apps {
        rights::check(function_app, found);
    }
}
