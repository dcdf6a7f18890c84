//! Which functions share a function app.

use std::collections::BTreeMap;

use super::entry::{Entry, Start, entries};
use super::profile::Profile;
use crate::model::{App, EnvPart, EnvValue, Function, Name, Verb};
use crate::target::name::dashed;

/// The program as function apps, in the order of their first functions.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// At least one when the program has a function.
    pub(super) apps: Vec<FunctionApp<'a>>,
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
        for function in app.functions.values() {
            let profile = Profile::of(function);
            let mut same = apps.iter_mut().filter(|it| it.profile == profile);
            if let Some(shared) = same.find(|it| it.functions.iter().all(|it| agree(it, function)))
            {
                shared.functions.push(function);
                continue;
            }
            let first = !apps.iter().any(|it| it.profile == profile);
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
        Plan { apps }
    }

    /// Returns the app that runs a function.
    pub(super) fn app_of(&self, function: &str) -> Option<&FunctionApp<'a>> {
        let has = |it: &&FunctionApp<'_>| it.functions.iter().any(|f| f.name.value == function);
        self.apps.iter().find(has)
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

/// Tells whether two functions give no variable different values.
fn agree(one: &Function, other: &Function) -> bool {
    let of = |function: &Function| -> BTreeMap<String, String> {
        let variables = function.env.iter();
        variables
            .map(|it| (it.name.value.clone(), canonical(&it.value)))
            .collect()
    };
    let (one, other) = (of(one), of(other));
    one.iter()
        .all(|(name, value)| other.get(name).is_none_or(|it| it == value))
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
