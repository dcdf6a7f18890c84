//! The words of http and websockets.

use super::words::{Word, word};

const AUTH: &str = "auth none | jwt { … } | key SECRET | custom FUNCTION";

const CORS_FORM: &str = "cors { origins \"https://…\" }";

pub(super) const APP_HTTP: &[Word] = &[
    word("auth", AUTH, "who may call routes that don't say"),
    word(
        "cors",
        CORS_FORM,
        "pages of which sites may call routes that don't say",
    ),
    word(
        "domain",
        "domain \"…\" { aws { … } }",
        "the host name that routes answer under",
    ),
];

pub(super) const DOMAIN: &[Word] = &[
    word(
        "aws",
        "aws { certificate = \"…\" }",
        "the ARN of its certificate",
    ),
    word(
        "azure",
        "azure { certificate = \"…\" }",
        "the id of its certificate",
    ),
    word(
        "knative",
        "knative { secret = \"…\" }",
        "the Kubernetes Secret with its certificate",
    ),
];

pub(super) const DOMAIN_AWS: &[Word] = &[
    word(
        "certificate",
        "certificate = \"…\"",
        "the ARN of its certificate in Certificate Manager",
    ),
    word(
        "zone",
        "zone = \"…\"",
        "the id of the hosted zone that gets a record for it",
    ),
];

pub(super) const DOMAIN_AZURE: &[Word] = &[word(
    "certificate",
    "certificate = \"…\"",
    "the resource id of its certificate",
)];

pub(super) const DOMAIN_KNATIVE: &[Word] = &[word(
    "secret",
    "secret = \"…\"",
    "the Kubernetes Secret with its certificate",
)];

pub(super) const HTTP: &[Word] = &[
    word("auth", AUTH, "who may call it"),
    word("cors", CORS_FORM, "pages of which sites may call it"),
];

pub(super) const JWT: &[Word] = &[
    word("issuer", "issuer \"https://…\"", "whose tokens count"),
    word(
        "audience",
        "audience \"…\", \"…\"",
        "for whom tokens are made, one of these",
    ),
];

pub(super) const CORS: &[Word] = &[
    word(
        "origins",
        "origins \"https://…\", …",
        "the sites; \"*\": any",
    ),
    word(
        "methods",
        "methods GET, …",
        "the methods that pages may use",
    ),
    word(
        "headers",
        "headers \"…\", …",
        "the headers that pages may send",
    ),
    word(
        "credentials",
        "credentials",
        "lets cookies and credentials be sent along",
    ),
    word(
        "max_age",
        "max_age DURATION",
        "how long browsers may remember all this",
    ),
];

pub(super) const WEBSOCKET_CONNECT: &[Word] = &[word("auth", AUTH, "who may connect")];
