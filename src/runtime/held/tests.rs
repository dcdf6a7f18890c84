//! Rows, their changes, and who gets which records of a stream.

use std::path::Path;

use bytes::Bytes;
use serde_json::json;

use super::*;
use crate::check::{Choices, HandlerFiles, check};
use crate::runtime::query::{Query, Range};
use crate::runtime::spec::Place;
use crate::source::{Source, SourceId as File};
use crate::syntax::parse;

struct Handlers;

impl HandlerFiles for Handlers {
    fn read(&self, _path: &str) -> Option<String> {
        Some("def handle(event, context): ...".to_owned())
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

const TABLE: &str = "table users { key id string, sort day int; index by_mail { key mail string, sort day int }; ttl gone }";

fn plan(rest: &str) -> Plan {
    let text = format!("app x\nstream clicks {{ shards 4; keep 1d }}\n{TABLE}\n{rest}");
    let parsed = parse(&Source::new(File(0), "app.fn", &text));
    let checked = check(&[parsed.file], &Choices::default(), &Handlers);
    let app = checked
        .app
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let secrets = BTreeMap::new();
    let place = Place {
        url: "http://localhost",
        secrets: &secrets,
    };
    Plan::new(app, Path::new("."), place).unwrap()
}

const READER: &str =
    "function read { handler \"a.py:handle\"; on stream clicks; on table users changed }";

/// What is held, on a clock that is set by hand.
struct World {
    plan: Plan,
    held: Held,
    now: Time,
    ids: u64,
}

impl World {
    fn new(rest: &str) -> World {
        let plan = plan(rest);
        let mut held = Held::default();
        held.align(&plan);
        held.begin(&plan);
        World {
            plan,
            held,
            now: Time(1_000_000_000_000),
            ids: 0,
        }
    }

    fn ask(&mut self, name: &str, asked: Asked) -> Result<Deed, Refused> {
        let ids = &mut self.ids;
        let id = &mut || {
            *ids += 1;
            ids.to_string()
        };
        let mut moment = Moment { now: self.now, id };
        self.held.ask(&self.plan, &mut moment, name, asked)
    }

    fn put(&mut self, row: Value) -> Result<Deed, Refused> {
        self.ask("users", Asked::PutRow(object(row)))
    }

    fn days(&mut self, query: Query) -> Vec<i64> {
        let deed = self.ask("users", Asked::QueryRows(query)).unwrap();
        let rows: Vec<Row> = serde_json::from_slice(&deed.answer).unwrap();
        rows.iter().map(|it| it["day"].as_i64().unwrap()).collect()
    }

    fn write(&mut self, key: Option<&str>, body: &'static str) -> Arc<Sent> {
        let message = Message {
            body: body.into(),
            key: key.map(str::to_owned),
            ..Message::default()
        };
        let deed = self.ask("clicks", Asked::Write(message)).unwrap();
        Arc::clone(&deed.news[0].1)
    }

    fn begin(&mut self, rest: &str) -> Vec<Vec<Bytes>> {
        self.plan = plan(rest);
        let (backlog, _) = self.held.begin(&self.plan);
        let bodies = |it: &[Arc<Sent>]| it.iter().map(|it| it.message.body.clone()).collect();
        backlog.iter().map(|(_, it)| bodies(it)).collect()
    }
}

fn object(value: Value) -> Row {
    serde_json::from_value(value).unwrap()
}

fn by_id(id: &str) -> Query {
    Query {
        equal: object(json!({ "id": id })),
        ..Query::default()
    }
}

#[test]
fn rows_are_found_by_key_by_range_and_by_index() {
    let mut world = World::new("");
    for (id, day, mail) in [("7", 3, "b"), ("7", 1, "a"), ("8", 2, "a"), ("7", 2, "a")] {
        world
            .put(json!({ "id": id, "day": day, "mail": mail }))
            .unwrap();
    }
    assert_eq!(world.days(by_id("7")), [1, 2, 3]);
    let query = Query {
        descending: true,
        limit: Some(2),
        ..by_id("7")
    };
    assert_eq!(world.days(query), [3, 2]);
    let range = Range::Between(Some(json!(2)), None);
    let query = Query {
        range: Some(("day".to_owned(), range)),
        ..by_id("7")
    };
    assert_eq!(world.days(query), [2, 3]);
    let query = Query {
        equal: object(json!({ "mail": "a" })),
        index: Some("by_mail".to_owned()),
        ..Query::default()
    };
    assert_eq!(world.days(query), [1, 2, 2]);
    let key = |day: i64| Asked::GetRow(object(json!({ "id": "7", "day": day })));
    assert_ne!(world.ask("users", key(1)).unwrap().answer, "null");
    assert_eq!(world.ask("users", key(9)).unwrap().answer, "null");
}

#[test]
fn wrong_keys_are_refused() {
    let mut world = World::new("");
    let wrong = [
        json!({ "day": 1 }),
        json!({ "id": "", "day": 1 }),
        json!({ "id": "7", "day": 1.5 }),
        json!({ "id": "7", "day": "1" }),
        json!({ "id": "7", "day": 1, "mail": 3 }),
    ];
    for row in wrong {
        assert!(
            matches!(world.put(row.clone()), Err(Refused::Invalid(_))),
            "{row}"
        );
    }
    let asked = [
        Asked::GetRow(object(json!({ "id": "7" }))),
        Asked::GetRow(object(json!({ "id": "7", "day": 1, "mail": "a" }))),
        Asked::DeleteRow(object(json!({ "id": "7" }))),
        Asked::QueryRows(Query::default()),
        Asked::QueryRows(Query {
            equal: object(json!({ "id": "7", "mail": "a" })),
            ..Query::default()
        }),
        Asked::QueryRows(Query {
            index: Some("by_day".to_owned()),
            ..by_id("7")
        }),
    ];
    for it in asked {
        let answer = world.ask("users", it.clone());
        assert!(matches!(answer, Err(Refused::Invalid(_))), "{it:?}");
    }
}

#[test]
fn each_change_tells_the_row_before_and_after() {
    let mut world = World::new(READER);
    let mut news = Vec::new();
    let rows = [
        json!({ "id": "7", "day": 1 }),
        json!({ "id": "7", "day": 1, "n": 2 }),
    ];
    for row in [&rows[0], &rows[1], &rows[1]] {
        news.extend(world.put(row.clone()).unwrap().news);
    }
    let key = Asked::DeleteRow(object(rows[0].clone()));
    news.extend(world.ask("users", key.clone()).unwrap().news);
    news.extend(world.ask("users", key).unwrap().news);
    let told: Vec<Value> = news
        .iter()
        .map(|(_, it)| serde_json::from_slice(&it.message.body).unwrap())
        .collect();
    let keys = &rows[0];
    let expected = [
        json!({ "action": "inserted", "keys": keys, "new": rows[0], "old": null }),
        json!({ "action": "updated", "keys": keys, "new": rows[1], "old": rows[0] }),
        json!({ "action": "deleted", "keys": keys, "new": null, "old": rows[1] }),
    ];
    assert_eq!(
        told, expected,
        "an equal row and an absent one are no change"
    );
}

#[test]
fn rows_expire_when_their_time_has_come() {
    let mut world = World::new(READER);
    world
        .put(json!({ "id": "a", "day": 1, "gone": 2000 }))
        .unwrap();
    world
        .put(json!({ "id": "b", "day": 1, "gone": "never" }))
        .unwrap();
    world
        .put(json!({ "id": "c", "day": 1, "gone": 1500 }))
        .unwrap();
    world
        .put(json!({ "id": "c", "day": 1, "gone": 3000 }))
        .unwrap();
    assert_eq!(world.held.next_expiry(), Some(Time(2000 * 1_000_000_000)));
    let now = Time(2000 * 1_000_000_000);
    let id = &mut || String::new();
    let gone = world.held.expire(&world.plan, &mut Moment { now, id });
    assert_eq!(gone.len(), 1);
    assert_eq!(
        gone[0].news[0].1.message.kind.as_deref(),
        Some("fnc.table.deleted")
    );
    let left: Vec<&Value> = world.held.rows("users").map(|it| &it["id"]).collect();
    assert_eq!(left, ["b", "c"]);
}

#[test]
fn a_key_has_its_shard_and_records_have_numbers() {
    let mut world = World::new("");
    let first = world.write(Some("ann"), "1");
    let others: Vec<u32> = (0..20)
        .map(|_| world.write(None, "x").log.unwrap().shard)
        .collect();
    let again = world.write(Some("ann"), "2");
    let (first, again) = (first.log.unwrap(), again.log.unwrap());
    assert_eq!(
        (first.shard, first.sequence, again.sequence),
        (again.shard, 1, 22)
    );
    assert_eq!(
        (0..4).filter(|it| others.contains(it)).count(),
        4,
        "without a key they spread"
    );
}

#[test]
fn who_begins_to_read_gets_what_is_kept_and_who_comes_back_goes_on() {
    let read = |from: &str| {
        format!("function read {{ handler \"a.py:handle\"; on stream clicks {{ from {from} }} }}")
    };
    let mut world = World::new("");
    world.write(None, "1");
    assert_eq!(world.begin(&read("oldest")), [["1"]]);
    assert_eq!(
        world.begin(&read("oldest")),
        [[""; 0]; 0],
        "it has had them"
    );
    world.write(None, "2");
    assert_eq!(world.begin(""), [[""; 0]; 0]);
    world.write(None, "3");
    assert_eq!(
        world.begin(&read("oldest")),
        [["3"]],
        "2 waited for it, or was handled"
    );

    let mut world = World::new("");
    world.write(None, "1");
    assert_eq!(world.begin(&read("latest")), [[""; 0]; 0]);
}

#[test]
fn records_are_kept_for_as_long_as_the_stream_says() {
    let mut world = World::new("");
    world.write(None, "1");
    world.now = world.now + Nanos::seconds(86_400);
    world.write(None, "2");
    let (now, id) = (world.now, &mut || String::new());
    let changes = world.held.expire(&world.plan, &mut Moment { now, id });
    assert_eq!(changes.iter().map(|it| it.changes.len()).sum::<usize>(), 1);
    let read = "function read { handler \"a.py:handle\"; on stream clicks }";
    assert_eq!(world.begin(read), [["2"]]);
}
