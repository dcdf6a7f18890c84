//! The words of the language: which settings each block takes. Checker, formatter, completion and documentation
//! read this one table.

use super::hatch_words::{AWS, AZURE, FUNCTION_HATCH, HATCHES, KNATIVE};
use super::test_words::{MESSAGE, REQUEST, TEST};
use super::{addresses, web_words};
use crate::model::{Target, Thing};

/// A setting that a block takes.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// Whether it may stand more than once in a block.
    pub repeats: bool,
}

pub(super) const fn word(name: &'static str, form: &'static str, doc: &'static str) -> Word {
    Word {
        name,
        form,
        doc,
        repeats: false,
    }
}

pub(super) const fn repeated(name: &'static str, form: &'static str, doc: &'static str) -> Word {
    Word {
        repeats: true,
        ..word(name, form, doc)
    }
}

/// A kind of block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// `aws { … }` in a resource, a layer or a trigger, and the block of a raw resource
    Hatch,
    /// `aws { … }` in a function
    FunctionHatch,
    /// `aws { … }` at top level
    Target(Target),
    /// `app NAME { … }`
    App,
    /// `app NAME { http { … } }`
    AppHttp,
    /// `domain "…" { … }`
    Domain,
    /// `domain "…" { aws { … } }`
    DomainAws,
    /// `domain "…" { azure { … } }`
    DomainAzure,
    /// `domain "…" { knative { … } }`
    DomainKnative,
    /// `secret NAME { … }`
    Secret,
    /// `secret NAME { aws { … } }`
    SecretAws,
    /// `secret NAME { azure { … } }`
    SecretAzure,
    /// `secret NAME { knative { … } }`
    SecretKnative,
    /// `defaults { … }`
    Defaults,
    /// `queue NAME { … }`
    Queue,
    /// `topic NAME { … }`
    Topic,
    /// `stream NAME { … }`
    Stream,
    /// `bucket NAME { … }`
    Bucket,
    /// `table NAME { … }`
    Table,
    /// `table NAME { index NAME { … } }`
    Index,
    /// `bus NAME { … }`
    Bus,
    /// `layer NAME { … }`
    Layer,
    /// `vpc NAME { … }`
    Vpc,
    /// `external KIND NAME { … }`
    External(Thing),
    /// `external KIND NAME { aws { … } }`
    Address(Thing, Target),
    /// `function NAME { … }`
    Function,
    /// `on http … { … }`
    Http,
    /// `auth jwt { … }`
    Jwt,
    /// `cors { … }`
    Cors,
    /// `on websocket connect { … }`
    WebsocketConnect,
    /// `on websocket disconnect { … }` and `on websocket message … { … }`
    Websocket,
    /// `on schedule … { … }` and `on every … { … }`
    Schedule,
    /// `on queue … { … }`
    QueueTrigger,
    /// `on topic … { … }`
    TopicTrigger,
    /// `on stream … { … }`
    StreamTrigger,
    /// `on table … changed { … }`
    TableTrigger,
    /// `on bucket … { … }`
    BucketTrigger,
    /// `on event … { … }`
    EventTrigger,
    /// `scale … { … }`
    Scale,
    /// `test "…" { … }`
    Test,
    /// `http METHOD "/path" { … }` in a test
    Request,
    /// `send QUEUE { … }`, `publish TOPIC { … }` and `invoke FUNCTION { … }` in a test
    Message,
}

const APP: &[Word] = &[
    word("description", "description \"…\"", "what it is for"),
    word(
        "tags",
        "tags { KEY = \"value\" }",
        "labels of everything in it",
    ),
    word(
        "targets",
        "targets aws, azure, knative",
        "the targets that `check` and `build` mean by all",
    ),
    word(
        "http",
        "http { auth …; cors { … }; domain \"…\" }",
        "what holds for every http route",
    ),
];

const SECRET: &[Word] = &[
    word(
        "aws",
        "aws { name = \"…\"; key = \"…\" }",
        "where AWS holds it: Secrets Manager, or `ssm = \"/…\"`",
    ),
    word(
        "azure",
        "azure { name = \"…\" }",
        "its name in the Key Vault",
    ),
    word(
        "knative",
        "knative { name = \"…\"; key = \"…\" }",
        "its Kubernetes Secret and the key in it",
    ),
];

const SECRET_AWS: &[Word] = &[
    word(
        "name",
        "name = \"…\"",
        "the secret's name in Secrets Manager",
    ),
    word("key", "key = \"…\"", "the member of a JSON secret"),
    word(
        "ssm",
        "ssm = \"/…\"",
        "the name of an SSM parameter instead",
    ),
];

const SECRET_AZURE: &[Word] = &[word("name", "name = \"…\"", "its name in the Key Vault")];

const SECRET_KNATIVE: &[Word] = &[
    word("name", "name = \"…\"", "the name of the Kubernetes Secret"),
    word("key", "key = \"…\"", "the key in it"),
];

const QUEUE: &[Word] = &[
    word(
        "retry",
        "retry N then QUEUE",
        "attempts after the first, then parked there",
    ),
    word("keep", "keep DURATION", "how long a message waits at most"),
    word(
        "delay",
        "delay DURATION",
        "how long a message is held back first",
    ),
    word(
        "hidden",
        "hidden DURATION",
        "how long a delivered message without an answer stays hidden",
    ),
    word("fifo", "fifo", "keeps the order within a group"),
    word("max_size", "max_size SIZE", "the largest message"),
    NAMED,
];

const NAMED: Word = word(
    "named",
    "named \"…\"",
    "its physical name, instead of the derived one",
);

const TOPIC: &[Word] = &[
    word("fifo", "fifo", "keeps the order within a group"),
    NAMED,
];

const BUS: &[Word] = &[NAMED];

const STREAM: &[Word] = &[
    word(
        "shards",
        "shards N",
        "into how many parts records are divided, by key",
    ),
    word("keep", "keep DURATION", "how long a record is kept"),
    NAMED,
];

const BUCKET: &[Word] = &[
    word("versioned", "versioned", "keeps old versions of objects"),
    word("expire", "expire DURATION", "deletes objects of this age"),
    word("public_read", "public_read", "lets anybody read"),
    NAMED,
];

const TABLE: &[Word] = &[
    word(
        "key",
        "key NAME TYPE, sort NAME TYPE",
        "what tells rows apart, and what orders those of one partition",
    ),
    repeated(
        "index",
        "index NAME { key NAME TYPE, sort NAME TYPE }",
        "another way to look rows up",
    ),
    word(
        "ttl",
        "ttl FIELD",
        "the field that holds when a row expires, in seconds since 1970",
    ),
    NAMED,
];

const LAYER: &[Word] = &[word(
    "folder",
    "folder \"layers/deps/\"",
    "the folder that is packed",
)];

const INDEX: &[Word] = &[word(
    "key",
    "key NAME TYPE, sort NAME TYPE",
    "what rows are looked up by",
)];

const FUNCTION: &[Word] = &[
    word("handler", "handler \"file:symbol\"", "what is called"),
    word("runtime", "runtime NAME", "what runs it"),
    word("memory", "memory SIZE", "memory of one instance"),
    word("timeout", "timeout DURATION", "how long one call may take"),
    word("disk", "disk SIZE", "space for temporary files"),
    word("arch", "arch x64|arm64", "the processor's architecture"),
    word("logs", "logs keep DURATION", "how long logs are kept"),
    word("trace", "trace", "records each call's trace"),
    word(
        "tags",
        "tags { KEY = \"value\" }",
        "labels for people and bills",
    ),
    word(
        "layers",
        "layers NAME, …",
        "shared code that is laid under its own",
    ),
    word("vpc", "vpc NAME", "the private network it runs in"),
    word(
        "contract",
        "contract portable|lambda",
        "what the handler receives",
    ),
    word("env", "env { NAME = value }", "its environment variables"),
    repeated(
        "can",
        "can send QUEUE, …",
        "what it may use: send a queue, publish a topic or bus, write or read, invoke a function",
    ),
    repeated(
        "on",
        "on http|schedule|every|queue|topic|stream|table|bucket|event|websocket …",
        "what starts it",
    ),
    word("scale", "scale MIN..MAX { … }", "how many instances"),
    word(
        "retry",
        "retry N then QUEUE",
        "attempts after the first for events that are pushed at it",
    ),
    word(
        "expect",
        "expect RATE taking DURATION",
        "the load it is meant for",
    ),
    NAMED,
];

const DEFAULTS: &[Word] = &[
    word("runtime", "runtime NAME", "what runs functions"),
    word("memory", "memory SIZE", "memory of one instance"),
    word("timeout", "timeout DURATION", "how long one call may take"),
    word("disk", "disk SIZE", "space for temporary files"),
    word("arch", "arch x64|arm64", "the processor's architecture"),
    word("logs", "logs keep DURATION", "how long logs are kept"),
    word("trace", "trace", "records each call's trace"),
    word(
        "tags",
        "tags { KEY = \"value\" }",
        "labels for people and bills",
    ),
    word(
        "layers",
        "layers NAME, …",
        "shared code that is laid under its own",
    ),
    word("vpc", "vpc NAME", "the private network it runs in"),
    word(
        "contract",
        "contract portable|lambda",
        "what handlers receive",
    ),
    word(
        "env",
        "env { NAME = value }",
        "environment variables of every function",
    ),
    word("scale", "scale MIN..MAX { … }", "how many instances"),
    word(
        "retry",
        "retry N then QUEUE",
        "attempts after the first for events that are pushed",
    ),
];

const SCHEDULE: &[Word] = &[word("input", "input { k = v }", "what the handler gets")];

const QUEUE_TRIGGER: &[Word] = &[
    word(
        "batch",
        "batch N within DURATION",
        "records a call at most, and how long to wait for them",
    ),
    word(
        "concurrency",
        "concurrency N",
        "batches of this queue at once, all instances together",
    ),
];

const STREAM_TRIGGER: &[Word] = &[
    word(
        "batch",
        "batch N within DURATION",
        "records a call at most, and how long to wait for them",
    ),
    word(
        "from",
        "from latest",
        "where reading begins: `oldest`, all that is kept, or `latest`, what comes after the deployment",
    ),
    word(
        "parallel",
        "parallel N",
        "batches of one shard at once; above 1 order holds per key",
    ),
    word(
        "retry",
        "retry N then QUEUE",
        "attempts of a failed batch after the first, then parked there",
    ),
    word(
        "split_on_error",
        "split_on_error",
        "tries a failed batch again in two halves",
    ),
    word(
        "max_age",
        "max_age DURATION",
        "records older than this are not delivered",
    ),
];

const BUCKET_TRIGGER: &[Word] = &[
    word(
        "prefix",
        "prefix \"…\"",
        "how the keys of the objects begin",
    ),
    word("suffix", "suffix \"…\"", "how the keys of the objects end"),
];

const SCALE: &[Word] = &[
    word(
        "concurrency",
        "concurrency N",
        "events one instance handles at a time",
    ),
    word(
        "target",
        "target N%",
        "the share of `concurrency` that is aimed at",
    ),
    word(
        "idle",
        "idle DURATION",
        "how long an instance stays without work",
    ),
];

impl Context {
    /// Returns the word of a target block, where this block takes one.
    pub(super) fn hatch(self, word: &str) -> Option<&'static Word> {
        let declaration = matches!(
            self,
            Context::Defaults
                | Context::Function
                | Context::Queue
                | Context::Topic
                | Context::Stream
                | Context::Bucket
                | Context::Table
                | Context::Bus
                | Context::Layer
        );
        let takes = declaration || self.is_trigger();
        takes.then(|| HATCHES.iter().find(|it| it.name == word))?
    }

    /// Tells whether it holds entries of a manifest beside its settings.
    pub(super) fn holds_entries(self) -> bool {
        matches!(self, Context::Hatch | Context::FunctionHatch)
    }

    fn is_trigger(self) -> bool {
        matches!(
            self,
            Context::Http
                | Context::Schedule
                | Context::QueueTrigger
                | Context::TopicTrigger
                | Context::StreamTrigger
                | Context::TableTrigger
                | Context::BucketTrigger
                | Context::EventTrigger
                | Context::Websocket
        )
    }

    /// Returns the settings that the block takes.
    pub fn words(self) -> &'static [Word] {
        match self {
            Context::FunctionHatch => FUNCTION_HATCH,
            Context::Target(Target::Aws) => AWS,
            Context::Target(Target::Azure) => AZURE,
            Context::Target(Target::Knative) => KNATIVE,
            Context::App => APP,
            Context::AppHttp => web_words::APP_HTTP,
            Context::Domain => web_words::DOMAIN,
            Context::DomainAws => web_words::DOMAIN_AWS,
            Context::DomainAzure => web_words::DOMAIN_AZURE,
            Context::DomainKnative => web_words::DOMAIN_KNATIVE,
            Context::Secret => SECRET,
            Context::SecretAws => SECRET_AWS,
            Context::SecretAzure => SECRET_AZURE,
            Context::SecretKnative => SECRET_KNATIVE,
            Context::Defaults => DEFAULTS,
            Context::Queue => QUEUE,
            Context::Topic => TOPIC,
            Context::Stream => STREAM,
            Context::Bucket => BUCKET,
            Context::Table => TABLE,
            Context::Index => INDEX,
            Context::External(thing) => addresses::settings(thing),
            Context::Address(thing, target) => addresses::address(thing, target).words,
            Context::Function => FUNCTION,
            Context::Http => web_words::HTTP,
            Context::Jwt => web_words::JWT,
            Context::Cors => web_words::CORS,
            Context::WebsocketConnect => web_words::WEBSOCKET_CONNECT,
            Context::Schedule => SCHEDULE,
            Context::QueueTrigger => QUEUE_TRIGGER,
            Context::Bus => BUS,
            Context::Layer => LAYER,
            Context::Vpc => addresses::settings(Thing::Vpc),
            Context::Hatch | Context::TopicTrigger | Context::EventTrigger | Context::Websocket => {
                &[]
            }
            Context::StreamTrigger | Context::TableTrigger => STREAM_TRIGGER,
            Context::BucketTrigger => BUCKET_TRIGGER,
            Context::Scale => SCALE,
            Context::Test => TEST,
            Context::Request => REQUEST,
            Context::Message => MESSAGE,
        }
    }

    /// Returns what messages call the block.
    pub fn title(self) -> &'static str {
        match self {
            Context::Hatch => "the manifest of a target",
            Context::FunctionHatch => "a function's block for a target",
            Context::Target(Target::Aws) => "the block `aws`",
            Context::Target(Target::Azure) => "the block `azure`",
            Context::Target(Target::Knative) => "the block `knative`",
            Context::App => "`app`",
            Context::AppHttp => "`http`",
            Context::Domain => "`domain`",
            Context::DomainAws | Context::DomainAzure | Context::DomainKnative => {
                "a domain's target"
            }
            Context::Secret => "a secret",
            Context::SecretAws | Context::SecretAzure | Context::SecretKnative => {
                "a secret's store"
            }
            Context::Defaults => "`defaults`",
            Context::Queue => "a queue",
            Context::Topic => "a topic",
            Context::Stream => "a stream",
            Context::Bucket => "a bucket",
            Context::Table => "a table",
            Context::Index => "an index",
            Context::Bus => "a bus",
            Context::Layer => "a layer",
            Context::Vpc => "a vpc",
            Context::External(thing) => match thing {
                Thing::Queue => "an external queue",
                Thing::Topic => "an external topic",
                Thing::Stream => "an external stream",
                Thing::Bucket => "an external bucket",
                Thing::Table => "an external table",
                Thing::Bus => "an external bus",
                Thing::Layer => "an external layer",
                Thing::Vpc | Thing::Function => "an external resource",
            },
            Context::Address(_, Target::Aws) => "an address on AWS",
            Context::Address(_, Target::Azure) => "an address on Azure",
            Context::Address(_, Target::Knative) => "an address on Knative",
            Context::Function => "a function",
            Context::Http => "an http trigger",
            Context::Jwt => "`auth jwt`",
            Context::Cors => "`cors`",
            Context::WebsocketConnect | Context::Websocket => "a websocket trigger",
            Context::Schedule => "a schedule",
            Context::QueueTrigger => "a queue trigger",
            Context::TopicTrigger => "a topic trigger",
            Context::StreamTrigger => "a stream trigger",
            Context::TableTrigger => "a table trigger",
            Context::BucketTrigger => "a bucket trigger",
            Context::EventTrigger => "an event trigger",
            Context::Scale => "`scale`",
            Context::Test => "a test",
            Context::Request => "a request",
            Context::Message => "a message",
        }
    }
}
