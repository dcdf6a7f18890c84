//! What becomes of messages: attempts, parking, sending back, groups.

use super::running::Running;
use crate::harness::Fnc;

const PROGRAM: &str = r#"
app post

queue letters { retry 2 then dead }
queue dead
queue lanes { fifo; retry 1 then dead_lanes }
queue dead_lanes { fifo }
topic news

function carry {
  handler "carry.py:carry"
  on queue letters { batch 5 }
  scale 0..2
}

function drive {
  handler "carry.py:drive"
  on queue lanes
  scale 0..4
}

function read {
  handler "carry.py:read"
  on topic news
  retry 1 then dead
}
"#;

const CARRY: &str = r#"
import os
def carry(event, context):
    failures = []
    for record in event["records"]:
        print(f"carry {record['body']} attempt {record['attempt']} kind {record['attributes'].get('kind')}")
        if record["body"] == "bad" and not os.path.exists("road"):
            failures.append(record["id"])
    return {"failures": failures}

def drive(event, context):
    with open("order.txt", "a") as file:
        for record in event["records"]:
            file.write(f"{record['group']}{record['body']} ")

def read(event, context):
    raise RuntimeError("no glasses")
"#;

fn post() -> Running {
    Running::start(
        Fnc::new().file("app.fn", PROGRAM).file("carry.py", CARRY),
        "",
    )
}

#[test]
fn a_message_that_fails_is_tried_again_parked_listed_and_sent_back() {
    let post = post();
    post.send("letters?attr.kind=vip", "bad");
    post.send("letters", "good");
    post.until("it is parked", |it| {
        it.state("sources", "queue letters", "parked") == 1
    });
    for attempt in 1..=3 {
        let line = format!("carry bad attempt {attempt} kind vip");
        post.until(&line, |it| it.lines_with(&[&line]) == 1);
    }
    for line in [
        "carry good attempt",
        "again in 1.00s",
        "again in 2.00s",
        "parked in dead",
    ] {
        post.until(line, |it| it.lines_with(&[line]) == 1);
    }

    let listed = post.fnc("parked").exits(0).stdout;
    assert!(
        listed.starts_with("dead  ") && listed.contains("from letters  bad"),
        "{listed}"
    );
    assert_eq!(listed.lines().count(), 1);

    std::fs::write(post.fnc.path("road"), "").unwrap();
    let sent = post.fnc("parked dead --redrive").exits(0).stdout;
    assert_eq!(sent, "1 sent back from `dead`\n");
    post.until("it is carried", |it| {
        it.state("sources", "queue letters", "done") == 2
    });
    assert_eq!(post.fnc("parked").exits(0).stdout, "nothing is parked\n");
}

#[test]
fn a_topic_message_that_fails_is_parked_too() {
    let post = post();
    let id = post.fnc("send news hello").exits(0).stdout;
    post.until("it is parked", |it| {
        it.state("sources", "topic news", "parked") == 1
    });
    let listed = post.get("/_fnc/parked/dead").json();
    assert_eq!(listed[0]["id"], id.trim());
    assert_eq!(listed[0]["origin"], "news");
    assert_eq!(listed[0]["body"], "hello");
}

#[test]
fn order_is_kept_within_a_group() {
    let post = post();
    for number in 1..=6 {
        for lane in ["a", "b"] {
            post.send(&format!("lanes?group={lane}"), &number.to_string());
        }
    }
    post.until("all have driven", |it| {
        it.state("sources", "queue lanes", "done") == 12
    });
    let order = post.fnc.read("order.txt");
    for lane in ["a", "b"] {
        let own: Vec<&str> = order
            .split_whitespace()
            .filter(|it| it.starts_with(lane))
            .collect();
        let expected: Vec<String> = (1..=6).map(|it| format!("{lane}{it}")).collect();
        assert_eq!(own, expected);
    }
    let ran = post.fnc("send lanes 1").exits(2);
    assert!(ran.stderr.contains("needs a group"), "{ran}");
}
