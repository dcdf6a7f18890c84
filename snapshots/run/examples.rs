//! The examples, run end to end.

use super::running::Running;
use crate::harness::Fnc;

fn example(name: &str, arguments: &str) -> Running {
    Running::start(Fnc::new().example(name), &format!("{name} {arguments}"))
}

#[test]
fn shop_takes_orders_bills_them_in_batches_and_mails() {
    let shop = example("shop", "--secret payment_key=test");
    for id in 1..=12 {
        let order = format!("{{\"id\": {id}, \"total\": 12}}");
        let reply = shop.post("/checkout", &order);
        assert_eq!(reply.status, 202, "{reply:?}");
        assert_eq!(reply.json()["order"], id);
    }
    assert_eq!(shop.post("/checkout", "[]").status, 400);
    shop.until("all are billed", |it| {
        it.state("sources", "queue orders", "done") == 12
    });
    shop.until("all are mailed", |it| {
        it.state("sources", "topic placed", "done") == 12
    });
    // Ten at once, and the other two when five seconds are over.
    for events in ["10 events", "2 events"] {
        shop.until(events, |it| {
            it.lines_with(&["bill", "queue orders", "done", events]) == 1
        });
    }

    assert_eq!(shop.post("/_fnc/fire/nightly", "").status, 200);
    shop.until("the report", |it| it.lines_with(&["nightly", "daily"]) == 1);
}

#[test]
fn relay_hands_every_reading_to_both_workers() {
    let relay = example("relay", "");
    let report = r#"{"readings": [71, 93]}"#;
    let reply = relay.post("/devices/boiler/reports", report);
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (202, r#"{"device":"boiler","readings":2}"#)
    );
    relay.until("both have read", |it| {
        let index =
            it.state("functions", "index", "running") == 0 && it.lines_with(&["indexed"]) == 2;
        index && it.lines_with(&["too high", "93"]) == 1
    });
    relay.send("inbox", r#"{"device": "boiler", "readings": ["hot"]}"#);
    relay.until("a second attempt", |it| {
        it.lines_with(&["unreadable", "\"attempt\":2"]) == 1
    });
    let words = ["split", "queue inbox", "failed", "again in 1.00s"];
    relay.until("the wait", |it| it.lines_with(&words) == 1);
}

#[test]
fn hello_greets() {
    let hello = example("hello", "");
    let reply = hello.get("/hello/Ada%20L");
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.contains("Ada L"), "{reply:?}");
}
