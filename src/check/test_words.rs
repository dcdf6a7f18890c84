//! The words of tests.

use super::words::{Word, repeated, word};

pub(super) const TEST: &[Word] = &[
    repeated(
        "stub",
        "stub FUNCTION fails [N] | answers { … } | takes DURATION",
        "what happens instead of calling the handler",
    ),
    repeated(
        "http",
        "http METHOD \"/path\" { body = …; headers { … }; query { … } }",
        "a request",
    ),
    repeated("send", "send QUEUE { body = … }", "a message to a queue"),
    repeated(
        "publish",
        "publish TOPIC { body = … }",
        "a message to a topic, or an event to a bus",
    ),
    repeated(
        "write",
        "write STREAM { key = \"…\"; body = … }",
        "a record to a stream",
    ),
    repeated(
        "put",
        "put TABLE { body = { … } } | put BUCKET { key = \"…\"; body = … }",
        "a row into a table, an object into a bucket",
    ),
    repeated(
        "delete",
        "delete TABLE { key = { … } } | delete BUCKET { key = \"…\" }",
        "a row of a table, an object of a bucket",
    ),
    repeated("fire", "fire FUNCTION", "the function's schedule, now"),
    repeated(
        "invoke",
        "invoke FUNCTION { body = … }",
        "a direct call of the function",
    ),
    repeated("after", "after DURATION", "lets so much time pass"),
    repeated(
        "at",
        "at \"2026-01-31T08:00:00Z\"",
        "lets time pass until then",
    ),
    repeated(
        "expect",
        "expect status N | body { … } | [not] invoked FUNCTION [N] | [not] queue QUEUE has N | [not] table TABLE has { … } | [not] bucket BUCKET has \"KEY\" | instances FUNCTION at_most N",
        "what must hold now",
    ),
];

pub(super) const REQUEST: &[Word] = &[
    word("body", "body = VALUE", "what it carries"),
    word("headers", "headers { NAME = \"…\" }", "its headers"),
    word("query", "query { NAME = \"…\" }", "its query"),
];

pub(super) const MESSAGE: &[Word] = &[
    word("body", "body = VALUE", "what it carries"),
    word("group", "group = \"…\"", "its fifo group"),
    word("delay", "delay = DURATION", "how long it stays unseen"),
    word(
        "key",
        "key = \"…\" | { … }",
        "the key of a record, a row or an object",
    ),
    word("type", "type = \"…\"", "the type of an event on a bus"),
    word(
        "subject",
        "subject = \"…\"",
        "what an event on a bus is about",
    ),
    word(
        "attributes",
        "attributes { NAME = \"…\" }",
        "its attributes",
    ),
];
