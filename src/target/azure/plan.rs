//! Which functions share a function app.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Start, entries};
use super::profile::Profile;
use crate::model::{App, Auth, Contract, EnvPart, EnvValue, EnvVar, Function, Name, Thing, Verb};
use crate::target::name::dashed;

/// The program as function apps, in the order of their first functions.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// At least one when the program has a function.
    pub(super) apps: Vec<FunctionApp<'a>>,
    /// Which of them runs a function.
    places: BTreeMap<&'a str, usize>,
}

/// One function app of Azure's.
#[derive(Debug)]
pub(super) struct FunctionApp<'a> {
    /// The name of its folder, and the stem of its resources' names.
    pub(super) name: String,
    /// What its functions have in common.
    pub(super) profile: Profile,
    /// At least one.
    pub(super) functions: Vec<&'a Function>,
}

impl<'a> Plan<'a> {
    /// Groups the program's functions into as few apps as their profiles and variables allow.
    ///
    /// An app's variables are seen by all its functions. One that gives a name another value than the functions
    /// before it goes to the next app of the same profile that agrees with it.
    pub(super) fn of(app: &'a App) -> Plan<'a> {
        let mut apps: Vec<FunctionApp<'a>> = Vec::new();
        let mut places = BTreeMap::new();
        let mut alike: BTreeMap<Profile, Alike<'a>> = BTreeMap::new();
        for function in app.functions.values() {
            let profile = Profile::of(app, function);
            let alike = alike.entry(profile.clone()).or_default();
            let variables: Vec<Variable<'a>> = function.env.iter().map(variable).collect();
            let place = alike.find(&variables).unwrap_or(apps.len());
            places.insert(function.name.as_str(), place);
            let first = alike.apps.is_empty();
            alike.add(place, variables);
            if let Some(shared) = apps.get_mut(place) {
                shared.functions.push(function);
                continue;
            }
            let stem = profile.name();
            let name = if first {
                stem
            } else {
                format!("{stem}-env-{}", dashed(&function.name.value))
            };
            apps.push(FunctionApp {
                name,
                profile,
                functions: vec![function],
            });
        }
        Plan { apps, places }
    }

    /// Returns the app that runs a function.
    pub(super) fn app_of(&self, function: &str) -> Option<&FunctionApp<'a>> {
        self.apps.get(*self.places.get(function)?)
    }
}

impl<'a> FunctionApp<'a> {
    /// Returns every entry with its function, in order.
    pub(super) fn entries(&self) -> Vec<(&'a Function, Entry<'a>)> {
        let all = self.functions.iter();
        all.flat_map(|function| entries(function).into_iter().map(|it| (*function, it)))
            .collect()
    }

    /// Returns what its functions may do, with the queues included that its shim parks in; each once, in order.
    pub(super) fn grants(&self) -> BTreeSet<(Verb, Thing, &'a str)> {
        let mut made = BTreeSet::new();
        for function in &self.functions {
            let grants = function.can.iter();
            made.extend(grants.map(|it| (it.verb, it.of, it.resource.as_str())));
            let parks = parks_in(function).into_iter();
            made.extend(parks.map(|it| (Verb::Send, Thing::Queue, it)));
        }
        made
    }

    /// Returns the resources that its functions use or are started by, each once, in order of kind and name.
    pub(super) fn uses(&self) -> BTreeSet<(Thing, &'a str)> {
        let mut made: BTreeSet<(Thing, &str)> =
            self.grants().iter().map(|it| (it.1, it.2)).collect();
        for (_, entry) in self.entries() {
            made.extend(match entry.start {
                Start::Queue(it) => Some((Thing::Queue, it.queue.as_str())),
                Start::Topic(it) => Some((Thing::Topic, it.topic.as_str())),
                Start::Stream(it) => Some((Thing::Stream, it.source.as_str())),
                Start::Table(it) => Some((Thing::Table, it.source.as_str())),
                Start::Http(_)
                | Start::Invoke
                | Start::Bucket(_)
                | Start::Event(_)
                | Start::Timer(_) => None,
            });
        }
        made
    }

    /// Tells whether one of its functions may use a resource of these kinds, so that their library is needed.
    pub(super) fn may_use(&self, things: &[Thing]) -> bool {
        self.grants().iter().any(|it| things.contains(&it.1))
    }

    /// Tells whether it needs the Service Bus namespace.
    pub(super) fn uses_service_bus(&self) -> bool {
        let message = |it: &Thing| matches!(it, Thing::Queue | Thing::Topic);
        let entries = self.entries();
        self.uses().iter().any(|(it, _)| message(it))
            || entries.iter().any(|(_, it)| it.start.is_message())
    }

    /// Tells whether requests start any of its functions.
    pub(super) fn has_http(&self) -> bool {
        self.entries().iter().any(|(_, it)| it.start.is_http())
    }

    /// Tells whether callers of a route show tokens.
    pub(super) fn has_tokens(&self) -> bool {
        let triggers = self.functions.iter().flat_map(|it| &it.triggers);
        let mut auths = triggers.filter_map(|it| it.kind.auth());
        auths.any(|it| matches!(it.value, Auth::Jwt(_)))
    }

    /// Tells whether a handler of its functions takes the events of AWS Lambda.
    pub(super) fn takes_lambda(&self) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|it| it.contract.value == Contract::Lambda)
    }

    /// Returns the secrets that callers of its routes must know; each once, in order of name.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.functions.iter().flat_map(|it| keys(it)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns the secrets that its variables hold or its routes ask for; each once, in order of name.
    pub(super) fn secrets(&self) -> Vec<&'a str> {
        let variables = self.functions.iter().flat_map(|it| &it.env);
        let secret = |value: &'a EnvValue| match value {
            EnvValue::Secret(name) => Some(name.as_str()),
            EnvValue::Text(_) => None,
        };
        let mut names: Vec<&str> = variables.filter_map(|it| secret(&it.value)).collect();
        names.extend(self.keys());
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Returns the secrets that callers of a function's routes must know.
pub(super) fn keys(function: &Function) -> impl Iterator<Item = &str> {
    function
        .triggers
        .iter()
        .filter_map(|it| match &it.kind.auth()?.value {
            Auth::Key(secret) => Some(secret.as_str()),
            Auth::None | Auth::Jwt(_) | Auth::Custom(_) => None,
        })
}

/// Returns the queues in which the shim parks what Azure would drop after its last attempt: ticks, and records of
/// streams and tables.
pub(super) fn parks_in(function: &Function) -> Vec<&str> {
    let entries = entries(function);
    let logs = entries.iter().filter_map(|it| it.start.log());
    let parks = logs.filter_map(|it| it.retry.as_ref()?.value.park.as_ref());
    let mut made: Vec<&str> = parks.map(Name::as_str).collect();
    made.extend(parks_ticks_in(function));
    made
}

/// Returns the queue in which the shim parks ticks of the function's schedules after their last attempt.
pub(super) fn parks_ticks_in(function: &Function) -> Option<&str> {
    let has_timer = |it: &Entry<'_>| matches!(it.start, Start::Timer(_));
    let queue = function.retry.value.park.as_ref()?;
    entries(function)
        .iter()
        .any(has_timer)
        .then_some(queue.as_str())
}

/// A variable: its name, and its value as [`canonical`] has it.
type Variable<'a> = (&'a str, String);

fn variable(it: &EnvVar) -> Variable<'_> {
    (it.name.as_str(), canonical(&it.value))
}

/// The apps of one profile, by their variables.
#[derive(Default)]
struct Alike<'a> {
    /// The variables of each app, by the app's place in the plan.
    apps: BTreeMap<usize, BTreeMap<&'a str, String>>,
    /// The apps that give a name a value.
    by_value: BTreeMap<&'a str, BTreeMap<String, BTreeSet<usize>>>,
    /// How many apps give a name any value.
    named: BTreeMap<&'a str, usize>,
}

impl<'a> Alike<'a> {
    /// Returns the first app that gives none of the variables another value.
    fn find(&self, variables: &[Variable<'a>]) -> Option<usize> {
        // Where all apps have a variable, only those that give it the same value come into question: with many apps,
        // which differ in some variable, that is few.
        let everywhere = |name: &str| self.named.get(name) == Some(&self.apps.len());
        let narrow = variables.iter().filter(|(name, _)| everywhere(name));
        let with = |(name, value): &Variable<'a>| self.by_value.get(name)?.get(value);
        let agrees = |place: &usize| {
            self.apps.get(place).is_some_and(|app| {
                let same =
                    |(name, value): &Variable<'a>| app.get(name).is_none_or(|it| it == value);
                variables.iter().all(same)
            })
        };
        match narrow
            .map(with)
            .min_by_key(|it| it.map_or(0, BTreeSet::len))
        {
            Some(Some(few)) => few.iter().copied().find(agrees),
            Some(None) => None,
            None => self.apps.keys().copied().find(agrees),
        }
    }

    /// Gives an app more variables.
    fn add(&mut self, place: usize, variables: Vec<Variable<'a>>) {
        let app = self.apps.entry(place).or_default();
        for (name, value) in variables {
            if app.insert(name, value.clone()).is_none() {
                *self.named.entry(name).or_default() += 1;
                let values = self.by_value.entry(name).or_default();
                values.entry(value).or_default().insert(place);
            }
        }
    }
}

/// Returns a text that is the same for the same value, wherever it is written.
fn canonical(value: &EnvValue) -> String {
    match value {
        EnvValue::Secret(name) => format!("secret {}", name.value),
        EnvValue::Text(parts) => {
            let text = |part: &EnvPart| match part {
                EnvPart::Plain(it) => format!("{it:?}"),
                EnvPart::Attribute(it) => {
                    format!("{:?} {:?} of {}", it.of, it.field, it.resource.value)
                }
            };
            parts.iter().map(text).collect::<Vec<_>>().join(" ")
        }
    }
}
