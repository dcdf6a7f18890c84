//! Which functions share a function app.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Start, entries};
use super::profile::Profile;
use crate::model::{App, EnvPart, EnvValue, EnvVar, Function, Name, Verb};
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
            let profile = Profile::of(function);
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

    /// Returns the resources that its functions may use with `verb`, the queues included that its shim parks ticks
    /// in; each once, in order of name.
    pub(super) fn sends(&self, verb: Verb) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for function in &self.functions {
            names.extend(function.granted(verb).map(Name::as_str));
            if verb == Verb::Send {
                names.extend(parks_in(function));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Tells whether its functions send anything, so that the Service Bus library is needed.
    pub(super) fn sends_any(&self) -> bool {
        Verb::ALL.iter().any(|verb| !self.sends(*verb).is_empty())
    }

    /// Tells whether it needs the Service Bus namespace.
    pub(super) fn uses_service_bus(&self) -> bool {
        self.sends_any() || self.entries().iter().any(|(_, it)| it.start.is_message())
    }

    /// Tells whether requests start any of its functions.
    pub(super) fn has_http(&self) -> bool {
        self.entries().iter().any(|(_, it)| it.start.is_http())
    }

    /// Returns the secrets that its variables hold; each once, in order of name.
    pub(super) fn secrets(&self) -> Vec<&'a str> {
        let variables = self.functions.iter().flat_map(|it| &it.env);
        let secret = |value: &'a EnvValue| match value {
            EnvValue::Secret(name) => Some(name.as_str()),
            EnvValue::Text(_) => None,
        };
        let mut names: Vec<&str> = variables.filter_map(|it| secret(&it.value)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Returns the queue in which the shim parks ticks of the function's schedules after their last attempt.
pub(super) fn parks_in(function: &Function) -> Option<&str> {
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
