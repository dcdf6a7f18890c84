//! What a function app has once for all of its functions, as one function needs it.

use std::time::Duration;

use super::arm::hatch;
use super::capacity::{Capacity, capacity};
use super::custom::Executable;
use super::entry::entries;
use super::log::{Reading, calls_in_turn, reading, whole_seconds};
use crate::model::{App, Function, Runtime, Size, duration_text};
use crate::target::name::{dashed, hash};

/// The sizes of an instance, in MB (Flex Consumption plan, "Instance sizes").
pub(super) const SIZES_MB: [u64; 3] = [512, 2048, 4096];

/// Functions share an app exactly when their profiles are equal and their variables agree.
///
/// It depends on one function alone, so a function that is added or removed moves no other one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Profile {
    /// Language and version.
    pub(super) runtime: Runtime,
    /// What it runs, where that is no code of a language that Azure knows.
    pub(super) executable: Option<Executable>,
    /// Memory of an instance.
    pub(super) memory_mb: u64,
    /// When the host ends a call, in whole seconds.
    pub(super) timeout: Duration,
    /// Instances and calls.
    pub(super) capacity: Capacity,
    /// How it reads streams.
    pub(super) reading: Option<Reading>,
    /// Whether what its calls do in turn is traced.
    pub(super) trace: bool,
    /// The private network that its calls go out to, as the program names it.
    pub(super) vpc: Option<String>,
    /// The layers whose files its folder holds, as the program names them; a later one's files win.
    pub(super) layers: Vec<String>,
    /// Tags beyond those of the whole program, in order of name.
    pub(super) tags: Vec<(String, String)>,
    /// The function's name when it needs an app to itself.
    pub(super) alone: Option<String>,
}

impl Profile {
    /// Returns what an app must have to run `function` exactly.
    pub(super) fn of(app: &App, function: &Function) -> Profile {
        let capacity = capacity(function).unwrap_or(Capacity {
            instances: function.scale.max.value,
            calls: function.scale.concurrency.value,
        });
        // Http functions of one app share its instances: where the program bounds them, sharing would take
        // from one what another uses. Instances kept ready count against the app's bound as a whole.
        let http = entries(function).iter().any(|it| it.start.is_http());
        let shares_badly = http || function.scale.min.value > 0;
        // What a hatch says of the site holds for all of an app, and so does a right.
        let own_words =
            !function.allow.is_empty() || hatch::own(&function.hatches).next().is_some();
        let alone = own_words || (capacity.instances.is_some() && shares_badly);
        Profile {
            runtime: function.runtime.value,
            executable: Executable::of(function),
            memory_mb: memory_mb(function.memory.value),
            timeout: host_timeout(app, function),
            capacity,
            reading: reading(function),
            trace: function.trace.value,
            vpc: function.vpc.as_ref().map(|it| it.value.clone()),
            layers: function.layers.iter().map(|it| it.value.clone()).collect(),
            tags: tags(function),
            alone: alone.then(|| function.name.value.clone()),
        }
    }

    /// Returns the app's name: what the profile says, in words that stay the same whatever else the program holds.
    pub(super) fn name(&self) -> String {
        let runtime: String = self.runtime.word().replace('.', "");
        let mut parts = vec![runtime];
        parts.extend(self.executable.as_ref().map(Executable::name));
        parts.push(duration_text(self.timeout));
        if self.memory_mb != SIZES_MB[0] {
            parts.push(format!("{}mb", self.memory_mb));
        }
        if let Some(instances) = self.capacity.instances {
            parts.push(format!("max{instances}"));
        }
        if self.capacity.calls != 1 {
            parts.push(format!("c{}", self.capacity.calls));
        }
        if let Some(reading) = &self.reading {
            parts.push(reading.name());
        }
        if self.trace {
            parts.push("trace".to_owned());
        }
        if let Some(vpc) = &self.vpc {
            parts.push(format!("vpc-{}", dashed(vpc)));
        }
        if !self.layers.is_empty() {
            let names: Vec<String> = self.layers.iter().map(|it| dashed(it)).collect();
            parts.push(format!("layers-{}", names.join("-")));
        }
        if !self.tags.is_empty() {
            parts.push(format!("tags-{}", hash(&format!("{:?}", self.tags))));
        }
        if let Some(name) = &self.alone {
            parts.push(format!("for-{}", dashed(name)));
        }
        parts.join("-")
    }
}

/// Returns the smallest size of an instance that holds `memory`.
pub(super) fn memory_mb(memory: Size) -> u64 {
    let wanted = memory.to_mb();
    let fits = SIZES_MB.into_iter().find(|size| *size >= wanted);
    fits.unwrap_or(wanted)
}

fn tags(function: &Function) -> Vec<(String, String)> {
    let tags = function.tags.iter();
    let mut made: Vec<_> = tags
        .map(|(name, value)| (name.clone(), value.value.clone()))
        .collect();
    made.sort();
    made
}

/// The longest `functionTimeout` that is said in hours.
const LONGEST: Duration = Duration::from_mins(24 * 60 - 1);

/// Returns when the host ends a call; where calls wait for each other the shim ends each of them sooner.
fn host_timeout(app: &App, function: &Function) -> Duration {
    let own = whole_seconds(function.timeout.value).max(Duration::from_secs(1));
    // No shim lets the calls of an executable wait for each other.
    if function.runtime.value == Runtime::Custom {
        return own;
    }
    let all = own.saturating_mul(calls_in_turn(app, function));
    all.min(LONGEST.max(own))
}
