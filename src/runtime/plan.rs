//! What the runtime needs to know of a program: the engine's view of it, and how each function is started.

use std::collections::BTreeMap;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::not_here::not_here;
use super::spec::{Place, config, environment, layer_folders};
use crate::engine::{self, FunctionId, Kind, SourceId, lower};
use crate::event::Trigger as EventTrigger;
use crate::model::{App, Auth, BucketChange, Predicate, Trigger, TriggerKind, Verb};

/// So many processes a function has at most, where the program sets no bound.
const DEFAULT_MAX: u32 = 16;

/// A program, ready to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) app: App,
    pub(crate) folder: PathBuf,
    pub(crate) program: engine::Program,
    /// In the order of the program.
    pub(crate) functions: Vec<FunctionPlan>,
    /// In the order of the engine's sources.
    pub(crate) sources: Vec<SourcePlan>,
    /// The values of secrets that routes ask for, by name.
    keys: BTreeMap<String, String>,
    http: BTreeMap<String, SourceId>,
    invoke: BTreeMap<String, SourceId>,
}

/// How instances of a function are started.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FunctionPlan {
    pub(crate) name: Arc<str>,
    pub(crate) runtime: &'static str,
    pub(crate) config: Value,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) concurrency: u32,
    /// In bytes.
    pub(crate) memory: u64,
    /// The folders that hold the handler, with all that belongs to it, and its layers.
    pub(super) folders: Vec<PathBuf>,
    can: Vec<(Verb, String)>,
}

/// What a source means to handlers and in logs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SourcePlan {
    pub(crate) trigger: EventTrigger,
    /// The queue or topic; the function, where there is none.
    pub(crate) resource: String,
    /// In a log line: `queue orders`, `http`, `every 5m`.
    pub(crate) label: String,
    /// What the program gives a schedule, as JSON text.
    pub(super) input: Option<String>,
    /// Which records its consumer takes; none: all.
    pub(super) filter: Option<Predicate>,
    /// Which of what happens to its resource concern it at all.
    pub(super) of: Of,
}

/// Which events of a resource concern a source.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Of {
    /// All.
    All,
    /// Events of this type.
    Type(String),
    /// What happens to objects whose keys begin and end so.
    Objects {
        change: BucketChange,
        prefix: String,
        suffix: String,
    },
}

/// Why a program can't be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The engine doesn't take it.
    #[error(transparent)]
    Engine(#[from] engine::LowerError),
    /// A secret has no value.
    #[error("the secret `{0}` has no value here")]
    Secret(String),
    /// A word that the local run does not carry out yet, and whose it is.
    #[error("`{0}` of `{1}` is not carried out locally yet; `fnc check` and `fnc build` take it")]
    NotHere(&'static str, String),
}

impl Plan {
    /// Returns the plan of a program in `folder`.
    pub fn new(app: App, folder: &Path, place: Place) -> Result<Plan, PlanError> {
        Plan::bounded(app, folder, place, DEFAULT_MAX)
    }

    /// Returns the plan of a program whose functions have as many instances as they need, where it sets no bound.
    pub(crate) fn unbounded(app: App, folder: &Path, place: Place) -> Result<Plan, PlanError> {
        Plan::bounded(app, folder, place, u32::MAX)
    }

    fn bounded(app: App, folder: &Path, place: Place, default_max: u32) -> Result<Plan, PlanError> {
        if let Some((word, function)) = not_here(&app) {
            return Err(PlanError::NotHere(word, function.to_owned()));
        }
        let program = lower(&app, default_max)?;
        let mut functions = Vec::new();
        for function in app.functions.values() {
            let can = function.can.iter();
            functions.push(FunctionPlan {
                name: Arc::from(function.name.as_str()),
                runtime: function.runtime.value.word(),
                config: config(&app, function),
                env: environment(function, place).map_err(PlanError::Secret)?,
                concurrency: function.scale.concurrency.value.max(1),
                memory: function.memory.value.0,
                folders: iter::once(function.handler.folder())
                    .chain(layer_folders(&app, function))
                    .map(|it| folder.join(it))
                    .collect(),
                can: can.map(|it| (it.verb, it.resource.value.clone())).collect(),
            });
        }
        let sources = program.sources.iter();
        let sources = sources.map(|it| source_plan(&app, &program, it)).collect();
        let of_kind = |wanted: fn(&Kind) -> bool| {
            let sources = program.sources.iter().enumerate();
            let wanted = sources.filter(|(_, it)| wanted(&it.kind));
            let named = wanted.filter_map(|(at, it)| {
                let function = program.functions.get(it.function?.0)?;
                Some((function.name.clone(), SourceId(at)))
            });
            named.collect::<BTreeMap<_, _>>()
        };
        Ok(Plan {
            keys: keys(&app, place)?,
            http: of_kind(|it| matches!(it, Kind::Http)),
            invoke: of_kind(|it| matches!(it, Kind::Invoke)),
            folder: folder.to_owned(),
            app,
            functions,
            sources,
            program,
        })
    }

    /// Returns the value of a secret that a route asks for.
    pub(crate) fn key(&self, secret: &str) -> Option<&str> {
        self.keys.get(secret).map(String::as_str)
    }

    /// Returns the line of a function's requests.
    pub(crate) fn http(&self, function: &str) -> Option<SourceId> {
        self.http.get(function).copied()
    }

    /// Returns the line of a function's direct calls.
    pub(crate) fn invoke(&self, function: &str) -> Option<SourceId> {
        self.invoke.get(function).copied()
    }

    /// Returns the schedules of a function.
    pub(crate) fn schedules(&self, function: FunctionId) -> Vec<SourceId> {
        let own = self.program.sources_of(function);
        let schedule = |it: &SourceId| {
            let source = self.program.sources.get(it.0);
            source.is_some_and(|it| matches!(it.kind, Kind::Schedule(_)))
        };
        own.filter(schedule).collect()
    }

    /// Tells whether a function may use a resource.
    pub(super) fn allows(&self, function: &str, verb: Verb, resource: &str) -> bool {
        let function = self.functions.iter().find(|it| *it.name == *function);
        function.is_some_and(|it| it.can.iter().any(|(v, r)| *v == verb && r == resource))
    }

    pub(crate) fn function(&self, id: FunctionId) -> &FunctionPlan {
        self.functions.get(id.0).expect(KNOWN)
    }

    pub(crate) fn source(&self, id: SourceId) -> &SourcePlan {
        self.sources.get(id.0).expect(KNOWN)
    }

    /// Returns the functions whose instances this plan starts differently, or that are new.
    pub(super) fn changed_since(&self, old: &Plan) -> Vec<FunctionId> {
        let functions = self.functions.iter().enumerate();
        let changed = functions.filter(|(_, it)| !old.functions.contains(it));
        changed.map(|(at, _)| FunctionId(at)).collect()
    }

    /// Returns the functions whose handlers these files belong to.
    pub(super) fn touched_by(&self, files: &[PathBuf]) -> Vec<FunctionId> {
        let functions = self.functions.iter().enumerate();
        let touched = functions.filter(|(_, function)| {
            let mut folders = function.folders.iter();
            folders.any(|folder| files.iter().any(|it| it.starts_with(folder)))
        });
        touched.map(|(at, _)| FunctionId(at)).collect()
    }
}

const KNOWN: &str = "the engine's numbers are those of the plan it was given";

/// Returns the values of the secrets that routes ask for.
fn keys(app: &App, place: Place) -> Result<BTreeMap<String, String>, PlanError> {
    let triggers = app.functions.values().flat_map(|it| &it.triggers);
    let keys = triggers.filter_map(|it| match &it.kind.auth()?.value {
        Auth::Key(secret) => Some(secret),
        Auth::None | Auth::Jwt(_) | Auth::Custom(_) => None,
    });
    let mut values = BTreeMap::new();
    for secret in keys {
        let value = place.secrets.get(secret.as_str());
        let value = value.ok_or_else(|| PlanError::Secret(secret.value.clone()))?;
        values.insert(secret.value.clone(), value.clone());
    }
    Ok(values)
}

fn source_plan(app: &App, program: &engine::Program, source: &engine::Source) -> SourcePlan {
    let function = source.function.and_then(|it| program.functions.get(it.0));
    let function = function.map_or("", |it| it.name.as_str());
    let (trigger, resource, label) = match source.kind {
        Kind::Http => (EventTrigger::Http, function, "http".to_owned()),
        Kind::Invoke => (EventTrigger::Invoke, function, "invoke".to_owned()),
        Kind::Queue => {
            let label = format!("queue {}", source.name);
            (EventTrigger::Queue, source.name.as_str(), label)
        }
        Kind::Topic => {
            let label = format!("topic {}", source.name);
            (EventTrigger::Topic, source.name.as_str(), label)
        }
        Kind::Stream(_) => {
            let label = format!("stream {}", source.name);
            (EventTrigger::Stream, source.name.as_str(), label)
        }
        Kind::Table(_) => {
            let label = format!("table {}", source.name);
            (EventTrigger::Table, source.name.as_str(), label)
        }
        Kind::Bucket => {
            let label = format!("bucket {} {}", source.name, source.detail);
            (EventTrigger::Bucket, source.name.as_str(), label)
        }
        Kind::Event => {
            let label = format!("event {} from {}", source.detail, source.name);
            (EventTrigger::Event, source.name.as_str(), label)
        }
        Kind::Schedule(_) => (EventTrigger::Schedule, function, source.name.clone()),
    };
    let schedule = matches!(source.kind, Kind::Schedule(_));
    let filter = on(app, function, source).and_then(|it| it.filter.clone());
    let of = match on(app, function, source).map(|it| &it.kind) {
        Some(TriggerKind::Event(it)) => Of::Type(it.event.value.clone()),
        Some(TriggerKind::Bucket(it)) => Of::Objects {
            change: it.change,
            prefix: it.prefix.value.clone(),
            suffix: it.suffix.value.clone(),
        },
        Some(_) | None => Of::All,
    };
    SourcePlan {
        of,
        trigger,
        resource: resource.to_owned(),
        label,
        input: schedule.then(|| input(app, function, &source.name)),
        filter: filter.map(|it| it.predicate),
    }
}

/// Returns the trigger of a function that reads this source.
fn on<'a>(app: &'a App, function: &str, source: &engine::Source) -> Option<&'a Trigger> {
    let function = app.functions.get(function)?;
    let mut own = function.triggers.iter();
    own.find(|it| is_on(&it.kind, source))
}

/// Tells whether a trigger reads this source.
fn is_on(kind: &TriggerKind, source: &engine::Source) -> bool {
    match (kind, &source.kind) {
        (TriggerKind::Queue(it), Kind::Queue) => it.queue.value == source.name,
        (TriggerKind::Topic(it), Kind::Topic) => it.topic.value == source.name,
        (TriggerKind::Stream(it), Kind::Stream(_)) | (TriggerKind::Table(it), Kind::Table(_)) => {
            it.source.value == source.name
        }
        (TriggerKind::Event(it), Kind::Event) => {
            it.bus.value == source.name && it.event.value == source.detail
        }
        (TriggerKind::Bucket(it), Kind::Bucket) => {
            it.bucket.value == source.name && engine::bucket_detail(it) == source.detail
        }
        _ => false,
    }
}

/// Returns the JSON text of what a schedule gives its handler.
fn input(app: &App, function: &str, schedule: &str) -> String {
    let triggers = app.functions.get(function).map(|it| it.triggers.iter());
    let input = triggers
        .into_iter()
        .flatten()
        .find_map(|it| match &it.kind {
            TriggerKind::Schedule(it) if it.cron.value.text == schedule => Some(&it.input),
            TriggerKind::Every(it) if engine::every_name(it) == schedule => Some(&it.input),
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Http(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => None,
        });
    input.map_or("{}".to_owned(), |it| Value::Object(it.clone()).to_string())
}
