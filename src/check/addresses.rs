//! The words of an external resource: what its block takes, and where each target finds it.

use super::words::{Word, repeated, word};
use crate::model::{Target, Thing};

/// Where a target finds a kind of resource.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    /// The words of the target's block.
    pub words: &'static [Word],
    /// What the block must have: one word of each list.
    pub needs: &'static [&'static [&'static str]],
    /// How it is written, for messages.
    pub form: &'static str,
}

const TARGETS: [Word; 3] = [
    word("aws", "aws { arn = \"…\" }", "where AWS has it"),
    word(
        "azure",
        "azure { namespace = \"…\"; name = \"…\" }",
        "where Azure has it",
    ),
    word(
        "knative",
        "knative { broker = \"…\" }",
        "where the cluster has it",
    ),
];

const FIFO: Word = word("fifo", "fifo", "its order within a group is kept");

const QUEUE: &[Word] = &[TARGETS[0], TARGETS[1], TARGETS[2], FIFO];
const TABLE: &[Word] = &[
    TARGETS[0],
    TARGETS[1],
    TARGETS[2],
    word(
        "key",
        "key NAME TYPE, sort NAME TYPE",
        "what tells its rows apart",
    ),
    repeated(
        "index",
        "index NAME { key NAME TYPE, sort NAME TYPE }",
        "another way its rows are looked up",
    ),
];

const LAYER: &[Word] = &[TARGETS[0]];
const VPC: &[Word] = &[
    word(
        "aws",
        "aws { subnets = [\"…\"]; security_groups = [\"…\"] }",
        "where AWS has it",
    ),
    word("azure", "azure { subnet = \"…\" }", "where Azure has it"),
];

/// Returns the settings that the block of an external resource takes.
pub(super) fn settings(thing: Thing) -> &'static [Word] {
    match thing {
        Thing::Queue | Thing::Topic => QUEUE,
        Thing::Table => TABLE,
        Thing::Layer => LAYER,
        Thing::Vpc => VPC,
        Thing::Stream | Thing::Bucket | Thing::Bus | Thing::Function => &TARGETS,
    }
}

const ARN: Word = word("arn", "arn = \"arn:aws:…\"", "its ARN");
const AWS_NAME: Word = word(
    "name",
    "name = \"…\"",
    "its name, in the account and region of the deployment",
);
const IMPORT: Word = word(
    "import",
    "import = \"…\"",
    "the export of another stack that holds its ARN",
);
const ONE_OF_AWS: &[&[&str]] = &[&["arn", "name", "import"]];

const AWS: Address = Address {
    words: &[ARN, AWS_NAME, IMPORT],
    needs: ONE_OF_AWS,
    form: "aws { arn = \"arn:aws:…\" }",
};

const AWS_TABLE: Address = Address {
    words: &[
        ARN,
        AWS_NAME,
        IMPORT,
        word(
            "stream",
            "stream = \"arn:aws:…\"",
            "the ARN of the stream of its changes, for `on table`",
        ),
    ],
    ..AWS
};

const NAME: Word = word("name", "name = \"…\"", "its own name");
const RESOURCE_GROUP: Word = word(
    "resource_group",
    "resource_group = \"…\"",
    "the resource group it is in; without, that of the deployment",
);

const AZURE_NAMESPACE: Address = Address {
    words: &[
        word(
            "namespace",
            "namespace = \"…\"",
            "the Service Bus or Event Hubs namespace it is in",
        ),
        NAME,
        RESOURCE_GROUP,
    ],
    needs: &[&["namespace"], &["name"]],
    form: "azure { namespace = \"…\"; name = \"…\" }",
};

const AZURE_BUCKET: Address = Address {
    words: &[
        word("account", "account = \"…\"", "the storage account"),
        word("name", "name = \"…\"", "the container in it"),
        RESOURCE_GROUP,
    ],
    needs: &[&["account"], &["name"]],
    form: "azure { account = \"…\"; name = \"…\" }",
};

const AZURE_TABLE: Address = Address {
    words: &[
        word("account", "account = \"…\"", "the Cosmos DB account"),
        word("database", "database = \"…\"", "the database in it"),
        word("name", "name = \"…\"", "the container in that"),
        RESOURCE_GROUP,
    ],
    needs: &[&["account"], &["database"], &["name"]],
    form: "azure { account = \"…\"; database = \"…\"; name = \"…\" }",
};

const AZURE_BUS: Address = Address {
    words: &[
        word("name", "name = \"…\"", "the Event Grid topic"),
        RESOURCE_GROUP,
    ],
    needs: &[&["name"]],
    form: "azure { name = \"…\" }",
};

const BROKER: Word = word(
    "broker",
    "broker = \"…\"",
    "the Broker of this name, in the namespace of the deployment",
);
const URI: Word = word(
    "address",
    "address = \"http://…\"",
    "where it takes CloudEvents; nothing can start on it then",
);

const KNATIVE_QUEUE: Address = Address {
    words: &[
        word(
            "channel",
            "channel = \"…\"",
            "the Channel of this name, in the namespace of the deployment",
        ),
        BROKER,
        URI,
    ],
    needs: &[&["channel", "broker", "address"]],
    form: "knative { channel = \"…\" }",
};

const KNATIVE_BROKER: Address = Address {
    words: &[BROKER, URI],
    needs: &[&["broker", "address"]],
    form: "knative { broker = \"…\" }",
};

const KNATIVE_STREAM: Address = Address {
    words: &[
        word("topic", "topic = \"…\"", "the Kafka topic"),
        word(
            "bootstrap",
            "bootstrap = \"HOST:9092\"",
            "the Kafka servers, divided by commas",
        ),
    ],
    needs: &[&["topic"], &["bootstrap"]],
    form: "knative { topic = \"…\"; bootstrap = \"HOST:9092\" }",
};

/// A store of objects or rows that speaks AWS's protocol.
const KNATIVE_STORE: Address = Address {
    words: &[
        NAME,
        word("region", "region = \"…\"", "the region it is in"),
        word(
            "endpoint",
            "endpoint = \"https://…\"",
            "where it is reached; without, at AWS",
        ),
        word(
            "secret",
            "secret = \"…\"",
            "the Kubernetes Secret with the keys to it",
        ),
    ],
    needs: &[&["name"], &["region"]],
    form: "knative { name = \"…\"; region = \"…\" }",
};

const AWS_LAYER: Address = Address {
    words: &[word(
        "arn",
        "arn = \"arn:aws:lambda:…\"",
        "the ARN of one version of it",
    )],
    needs: &[&["arn"]],
    form: "aws { arn = \"arn:aws:lambda:…\" }",
};

const AWS_VPC: Address = Address {
    words: &[
        word("subnets", "subnets = [\"subnet-…\"]", "its subnets"),
        word(
            "security_groups",
            "security_groups = [\"sg-…\"]",
            "the security groups of what runs in it",
        ),
    ],
    needs: &[&["subnets"], &["security_groups"]],
    form: "aws { subnets = [\"subnet-…\"]; security_groups = [\"sg-…\"] }",
};

const AZURE_VPC: Address = Address {
    words: &[word(
        "subnet",
        "subnet = \"/subscriptions/…\"",
        "the resource id of the subnet",
    )],
    needs: &[&["subnet"]],
    form: "azure { subnet = \"/subscriptions/…\" }",
};

const NOWHERE: Address = Address {
    words: &[],
    needs: &[],
    form: "",
};

/// Returns where a target finds resources of a kind.
pub fn address(thing: Thing, target: Target) -> Address {
    match (target, thing) {
        (Target::Aws, Thing::Layer) => AWS_LAYER,
        (Target::Aws, Thing::Vpc) => AWS_VPC,
        (Target::Azure, Thing::Vpc) => AZURE_VPC,
        (_, Thing::Layer | Thing::Vpc | Thing::Function) => NOWHERE,
        (Target::Aws, Thing::Table) => AWS_TABLE,
        (Target::Aws, Thing::Queue | Thing::Topic | Thing::Stream | Thing::Bucket | Thing::Bus) => {
            AWS
        }
        (Target::Azure, Thing::Queue | Thing::Topic | Thing::Stream) => AZURE_NAMESPACE,
        (Target::Azure, Thing::Bucket) => AZURE_BUCKET,
        (Target::Azure, Thing::Table) => AZURE_TABLE,
        (Target::Azure, Thing::Bus) => AZURE_BUS,
        (Target::Knative, Thing::Queue) => KNATIVE_QUEUE,
        (Target::Knative, Thing::Topic | Thing::Bus) => KNATIVE_BROKER,
        (Target::Knative, Thing::Stream) => KNATIVE_STREAM,
        (Target::Knative, Thing::Bucket | Thing::Table) => KNATIVE_STORE,
    }
}

/// Returns the service that stands in the ARN of a kind of resource.
pub(super) fn arn_service(thing: Thing) -> Option<&'static str> {
    match thing {
        Thing::Queue => Some("sqs"),
        Thing::Topic => Some("sns"),
        Thing::Stream => Some("kinesis"),
        Thing::Bucket => Some("s3"),
        Thing::Table => Some("dynamodb"),
        Thing::Bus => Some("events"),
        Thing::Layer => Some("lambda"),
        Thing::Vpc | Thing::Function => None,
    }
}
