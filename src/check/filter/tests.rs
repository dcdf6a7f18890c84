//! Filters in the language, and what is found in them.

use crate::check::tests::finds;

/// Asserts what is found in a program whose trigger has this filter.
#[track_caller]
fn on(trigger: &str, filter: &str, expected: &[&str]) {
    let text = format!(
        r#"
param floor int = 100
let names = ["a", "b"]
bus shop
topic placed
queue failed {{ keep 14d }}
function use {{
  handler "src/a.py:handle"
  on http GET "/" {{ auth none }}
  env {{ FLOOR = floor; NAMES = "${{if "a" in names then 1 else 2}}" }}
  can send failed
  can publish placed, shop
}}
function seen {{ handler "src/a.py:handle"; on event "seen" from shop; retry 2 then failed }}
function f {{
  handler "src/a.py:handle"
  on {trigger} where {filter}
  retry 2 then failed
}}"#
    );
    finds(&text, expected);
}

#[track_caller]
fn topic(filter: &str, expected: &[&str]) {
    on("topic placed", filter, expected);
}

#[test]
fn filters_are_conditions_on_members() {
    topic("data.total > floor", &[]);
    topic("floor * 2 <= data.total and attributes.kind in names", &[]);
    topic(r#"not (data["a-b"].c == true) or exists(data.x)"#, &[]);
    topic(r#"starts_with(data.name, "a")"#, &[]);
    topic("data.x", &["FN0250 at `data.x`"]);
    topic("data.x > 1 and data.y", &["FN0250 at `data.y`"]);
    topic("floor", &["FN0205 at `floor`"]);
}

#[test]
fn members_are_those_of_the_record() {
    topic("dta.x == 1", &["FN0252 at `dta.x`"]);
    topic("key == \"a\"", &["FN0252 at `key`"]);
    topic("attributes == \"a\"", &["FN0252 at `attributes`"]);
    topic("attributes.a.b == \"a\"", &["FN0252 at `attributes.a.b`"]);
    on("event \"placed\" from shop", "subject == \"a\"", &[]);
    on(
        "event \"placed\" from shop",
        "subject.x == \"a\"",
        &["FN0252 at `subject.x`"],
    );
}

#[test]
fn types_are_checked_at_the_operand() {
    topic("attributes.n == 1", &["FN0253 at `1`"]);
    topic("data.t > 5s", &["FN0253 at `5s`"]);
    topic("data.t == null", &["FN0253 at `null`"]);
    topic("data.t > true", &["FN0253 at `true`"]);
    topic("data.a == data.b", &["FN0253 at `data.b`"]);
    topic("data.a * 2 > 5", &["FN0253 at `data.a * 2`"]);
    topic("data.a in 5", &["FN0253 at `5`"]);
    topic("\"a\" in data.tags", &["FN0253 at `\"a\" in data.tags`"]);
    topic(
        "data.a == topic.placed.name",
        &["FN0213 at `topic.placed.name`"],
    );
    topic("exist(data.a)", &["FN0202 at `exist`"]);
    topic("exists(5)", &["FN0253 at `exists`"]);
}

#[test]
fn filters_decide_something() {
    topic("floor > 5", &["FN0254 at `floor > 5`"]);
    topic("data.a == 1 and data.a == 2", &["FN0254 at `data.a`"]);
    topic("data.a == 1 and data.a == \"1\"", &["FN0254 at `data.a`"]);
    topic("data.a > 5 and data.a < 5", &["FN0254 at `data.a`"]);
    topic("data.a >= 5 and data.a <= 5", &[]);
    topic("data.a != 5 and data.a != 6", &[]);
    topic("data.a > 5 and data.a < 7 and data.b == 1", &[]);
    topic(
        "exists(data.a) and not exists(data.a)",
        &["FN0254 at `data.a`"],
    );
    topic(
        "data.a == \"x\" and starts_with(data.a, \"y\")",
        &["FN0254 at `data.a`"],
    );
    topic("data.a == 1 or data.a == 2", &[]);
}

#[test]
fn only_records_are_chosen() {
    finds(
        r#"function f { handler "src/a.py:handle"; on http GET "/" where data.a == 1 { auth none } }"#,
        &["FN0251 at `data.a == 1`"],
    );
}
