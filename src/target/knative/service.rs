//! Knative services: one for each function.

use serde::Serialize;

use super::capacity::Capacity;
use super::environment::{Variable, environment};
use super::image::Image;
use super::names::Names;
use crate::model::{App, Function, Setting, Size};

/// Memory that comes with one core.
const CORE: u64 = 1769;
/// The space for temporary files where the program says none.
const DISK: &str = "512Mi";
/// The longest that Knative lets a request run, in seconds.
pub(super) const LONGEST: u64 = 600;

/// A service; texts that may be missing are empty then.
#[derive(Debug, Serialize)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) description: String,
    pub(super) local: bool,
    pub(super) min: String,
    pub(super) max: String,
    pub(super) target: String,
    pub(super) retention: String,
    pub(super) concurrency: u32,
    pub(super) timeout: u64,
    pub(super) image: String,
    pub(super) stem: String,
    pub(super) env: Vec<Variable>,
    pub(super) cpu: String,
    pub(super) cpu_limit: String,
    pub(super) memory: String,
    pub(super) disk: String,
    /// The processor of the nodes it may run on, by Kubernetes' name.
    pub(super) arch: &'static str,
}

/// Returns the services of all functions.
pub(super) fn services(app: &App, names: &Names, images: &[Image]) -> Vec<Service> {
    let image = |it: &Function| images.iter().find(|image| image.holds(Some(it)));
    let functions = app.functions.values();
    let made = functions.filter_map(|it| Some(service(app, names, image(it)?, it)));
    made.collect()
}

fn service(app: &App, names: &Names, image: &Image, function: &Function) -> Service {
    let Capacity { max, concurrency } = Capacity::of(function);
    let scale = &function.scale;
    let idle = scale.idle.is_written();
    let retention = format!("{}ms", scale.idle.value.as_millis());
    let (cpu, cpu_limit) = cores(function.memory);
    Service {
        name: names.function(function.name.as_str()),
        label: function.name.value.trim_end_matches('_').to_owned(),
        description: function.doc.clone().unwrap_or_default(),
        local: true,
        min: scale.min.value.to_string(),
        max: max.map(|it| it.to_string()).unwrap_or_default(),
        target: scale.target.value.to_string(),
        retention: if idle { retention } else { String::new() },
        concurrency,
        timeout: seconds(function),
        image: image.name.clone(),
        stem: names.stem.clone(),
        env: environment(app, names, function, concurrency),
        cpu,
        cpu_limit,
        memory: format!("{}Mi", function.memory.value.to_mb()),
        disk: function
            .disk
            .map_or_else(|| DISK.to_owned(), |it| format!("{}Mi", it.value.to_mb())),
        arch: image.arch,
    }
}

/// Returns whole seconds that hold the timeout; the shim keeps it to the millisecond.
pub(super) fn seconds(function: &Function) -> u64 {
    let ms = u64::try_from(function.timeout.value.as_millis()).unwrap_or(u64::MAX);
    ms.div_ceil(1000).clamp(1, LONGEST)
}

/// Returns the cores asked for, by memory, and the most, at least one.
fn cores(memory: Setting<Size>) -> (String, String) {
    let milli = (memory.value.to_mb() * 1000).div_ceil(CORE);
    (format!("{milli}m"), format!("{}m", milli.max(1000)))
}
