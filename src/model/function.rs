//! A function: its handler, limits, rights, triggers and scaling.

use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;

use super::{
    EnvVar, Hatch, Name, QueueTrigger, Rate, RawAllow, Retry, Setting, Size, Thing, Trigger,
    TriggerKind,
};
use crate::source::{Span, Spanned};

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// What is called.
    pub handler: Handler,
    /// What runs it.
    pub runtime: Setting<Runtime>,
    /// Memory of one instance.
    pub memory: Setting<Size>,
    /// How long one call may take.
    pub timeout: Setting<Duration>,
    /// What the handler receives.
    pub contract: Setting<Contract>,
    /// Its environment; `defaults` merged in, its own last.
    pub env: Vec<EnvVar>,
    /// What it may do, beyond what its triggers imply.
    pub can: Vec<Grant>,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// How many instances, how much each takes.
    pub scale: Scale,
    /// Attempts for events that are pushed at it: topics and schedules.
    pub retry: Setting<Retry>,
    /// The load it is meant for.
    pub expect: Option<Expect>,
    /// Space for temporary files; `None`: what the target gives.
    pub disk: Option<Setting<Size>>,
    /// The processor's architecture.
    pub arch: Setting<Arch>,
    /// How long its logs are kept; `None`: the target's way.
    pub logs: Option<Setting<Duration>>,
    /// Whether its calls are traced.
    pub trace: Setting<bool>,
    /// Tags beyond the app's, which every resource has; those of `defaults` merged in, its own last.
    pub tags: IndexMap<String, Spanned<String>>,
    /// Shared code that is laid under its own, in order.
    pub layers: Vec<Name>,
    /// The private network it runs in.
    pub vpc: Option<Name>,
    /// `named "…"`: its physical name, instead of the derived one.
    pub named: Option<Spanned<String>>,
    /// Permissions in a target's own words.
    pub allow: Vec<RawAllow>,
    /// What each target's manifest holds beyond the language.
    pub hatches: Vec<Hatch>,
}

impl Function {
    /// Returns how long a message of a queue that it reads should stay hidden: six times its timeout, and as long as
    /// the batch is waited for ("AWS Lambda Developer Guide", "Creating and configuring an Amazon SQS event source mapping").
    pub fn hidden_for(&self, trigger: &QueueTrigger) -> Duration {
        self.timeout.value * 6 + trigger.within.value
    }

    /// Tells whether an http route starts it.
    pub fn has_http(&self) -> bool {
        self.triggers
            .iter()
            .any(|it| matches!(it.kind, TriggerKind::Http(_)))
    }

    /// Tells whether events are pushed at it, so that its own `retry` applies.
    pub fn has_pushed(&self) -> bool {
        self.triggers.iter().any(|it| it.kind.is_pushed())
    }

    /// Returns the resources it may use with `verb`, in order.
    pub fn granted(&self, verb: Verb) -> impl Iterator<Item = &Name> {
        let grants = self.can.iter().filter(move |it| it.verb == verb);
        grants.map(|it| &it.resource)
    }
}

/// `handler "file:symbol"`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// The file, relative to the program's folder, with `/` between folders; a container's folder ends with `/`.
    pub file: String,
    /// The symbol in it; empty for an executable or a container's folder.
    pub symbol: String,
    /// Where it is written.
    pub span: Span,
}

impl Handler {
    /// Returns the folder that is packed: all before the last `/`, empty for the program's own folder.
    pub fn folder(&self) -> &str {
        self.file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns where the file is written.
    pub fn file_span(&self) -> Span {
        self.part(0, self.file.len())
    }

    /// Returns where the symbol is written.
    pub fn symbol_span(&self) -> Span {
        self.part(self.file.len() + 1, self.symbol.len())
    }

    /// Returns a part of what stands between the quotes; all of it where escapes hide the place.
    fn part(&self, at: usize, length: usize) -> Span {
        let plain = self.span.range().len() == self.file.len() + self.symbol.len() + 3;
        let start = self.span.range().start + 1 + at;
        if plain {
            Span::new(self.span.source, start, start + length)
        } else {
            self.span
        }
    }
}

/// A language handlers are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python.
    Python,
    /// Node.js.
    Node,
    /// Any other, compiled or in an image.
    Other,
}

/// A runtime that fnc knows; each target maps it or refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runtime {
    /// `python3.11`
    Python311,
    /// `python3.12`
    Python312,
    /// `python3.13`
    Python313,
    /// `python3.14`
    Python314,
    /// `node22`
    Node22,
    /// `node24`
    Node24,
    /// `node26`
    Node26,
    /// `custom`: an executable that speaks the runtime's protocol itself.
    Custom,
    /// `container`: an image made from a folder.
    Container,
}

impl Runtime {
    /// Every runtime, oldest first within a language.
    pub const ALL: [Runtime; 9] = [
        Runtime::Python311,
        Runtime::Python312,
        Runtime::Python313,
        Runtime::Python314,
        Runtime::Node22,
        Runtime::Node24,
        Runtime::Node26,
        Runtime::Custom,
        Runtime::Container,
    ];

    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            Runtime::Python311 => "python3.11",
            Runtime::Python312 => "python3.12",
            Runtime::Python313 => "python3.13",
            Runtime::Python314 => "python3.14",
            Runtime::Node22 => "node22",
            Runtime::Node24 => "node24",
            Runtime::Node26 => "node26",
            Runtime::Custom => "custom",
            Runtime::Container => "container",
        }
    }

    /// Returns its language.
    pub fn language(self) -> Language {
        match self {
            Runtime::Python311 | Runtime::Python312 | Runtime::Python313 | Runtime::Python314 => {
                Language::Python
            }
            Runtime::Node22 | Runtime::Node24 | Runtime::Node26 => Language::Node,
            Runtime::Custom | Runtime::Container => Language::Other,
        }
    }

    /// Returns the version alone: `3.13`, `22`.
    pub fn version(self) -> &'static str {
        let word = self.word();
        word.strip_prefix("python")
            .or_else(|| word.strip_prefix("node"))
            .unwrap_or(word)
    }

    /// Returns the runtime that `word` names.
    pub fn parse(word: &str) -> Option<Runtime> {
        Runtime::ALL.into_iter().find(|it| it.word() == word)
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A processor's architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// 64-bit x86.
    X64,
    /// 64-bit Arm.
    Arm64,
}

impl Arch {
    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            Arch::X64 => "x64",
            Arch::Arm64 => "arm64",
        }
    }
}

/// What a handler receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// The portable event, the same on every target.
    Portable,
    /// The shapes of AWS Lambda's events, on every target.
    Lambda,
}

/// `can VERB NAME`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What it may do.
    pub verb: Verb,
    /// What the resource is.
    pub of: Thing,
    /// With which resource; of `reply`, which names none, the word `websocket`.
    pub resource: Name,
}

/// What a function may do with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Put a message on a queue.
    Send,
    /// Publish to a topic or a bus.
    Publish,
    /// Write to a stream, a bucket or a table; deleting included.
    Write,
    /// Read a bucket or a table; listing and querying included.
    Read,
    /// Call a function.
    Invoke,
    /// Send to clients of the app's websocket; names nothing, for an app has one.
    Reply,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Verb; 6] = [
        Verb::Send,
        Verb::Publish,
        Verb::Write,
        Verb::Read,
        Verb::Invoke,
        Verb::Reply,
    ];

    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Send => "send",
            Verb::Publish => "publish",
            Verb::Write => "write",
            Verb::Read => "read",
            Verb::Invoke => "invoke",
            Verb::Reply => "reply",
        }
    }
}

/// `scale MIN..MAX { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Instances kept ready.
    pub min: Setting<u32>,
    /// Instances at most; `None`: no bound of its own.
    pub max: Setting<Option<u32>>,
    /// Events one instance handles at a time; a batch counts as one.
    pub concurrency: Setting<u32>,
    /// Percent of `concurrency` that is aimed at, 1 to 100.
    pub target: Setting<u32>,
    /// How long an instance stays without work.
    pub idle: Setting<Duration>,
}

/// `expect RATE taking D`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expect {
    /// How many events.
    pub rate: Rate,
    /// How long one takes.
    pub taking: Duration,
    /// Where it is written.
    pub span: Span,
}
