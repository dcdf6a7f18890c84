//! What outlives a run, and what is said when it can't.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustix::process::Signal;

use super::running::Running;
use crate::harness::{Fnc, Ran};

const PROGRAM: &str = r#"
app shop
queue orders { retry 1 then failed }
queue later { delay 2s; retry 1 then failed }
queue rows { fifo; retry 9 then failed_rows }
queue failed
queue failed_rows { fifo }
topic placed
function bill {
  handler "bill.py:handle"
  on queue orders { batch 1 }
  on queue later
  on queue rows
  on topic placed
  scale 0..4
}
"#;

/// Notes what it is given in a file; fails for `bad`, takes long for `slow`, and fails once for `first`.
const HANDLER: &str = r"
import time
def handle(event, context):
    for record in event['records']:
        source, body, attempt = record['source'], record['body'], record['attempt']
        with open('seen', 'a') as seen:
            seen.write(f'{source} {body} {attempt}\n')
        if body == 'slow':
            time.sleep(20)
        if body == 'bad' or (body == 'first' and attempt == 1):
            raise ValueError('bad')
";

fn shop() -> Fnc {
    Fnc::new()
        .file("app.fn", PROGRAM)
        .file("bill.py", HANDLER)
        .file("seen", "")
}

/// Returns what the handler has noted.
fn seen(fnc: &Fnc) -> Vec<String> {
    fnc.read("seen").lines().map(ToOwned::to_owned).collect()
}

fn parked(app: &Running) -> Vec<String> {
    let parked = app.get("/_fnc/parked").json();
    let parked = parked.as_array().unwrap().iter();
    parked
        .map(|it| it["body"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_was_accepted_goes_on_where_it_was_killed() {
    let app = Running::start(shop(), "");
    app.send("orders", "bad");
    app.until("it is parked", |it| parked(it) == ["bad"]);
    app.send("orders", "slow");
    app.until("it is handled", |it| {
        seen(&it.fnc).contains(&"orders slow 1".to_owned())
    });
    app.send("rows?group=a", "first");
    app.until("it has failed", |it| {
        it.lines_with(&["queue rows", "again in"]) == 1
    });
    app.send("rows?group=a", "second");
    app.send("later", "delayed");
    app.send("orders?delay_ms=60000", "much later");
    app.send("placed?attr.kind=new", "published");
    app.until("it was published", |it| {
        it.lines_with(&["topic placed", "done"]) == 1
    });
    app.send("orders", "bad");

    let app = app.killed_and_started("");
    assert!(
        app.output().contains("from an earlier run"),
        "{}",
        app.output()
    );
    app.until("all the others", |it| {
        it.state("sources", "queue rows", "done") == 2
            && it.state("sources", "queue later", "done") == 1
            && parked(it).len() == 2
    });
    let seen = seen(&app.fnc);
    let of = |source: &str| -> Vec<&str> {
        let own = seen.iter().map(String::as_str);
        own.filter(|it| it.starts_with(source)).collect()
    };
    // What failed before stays first in its group, and its attempts are counted on.
    assert_eq!(
        of("rows"),
        ["rows first 1", "rows first 2", "rows second 1"]
    );
    assert_eq!(of("later"), ["later delayed 1"]);
    // It was answered before the kill.
    assert_eq!(of("placed"), ["placed published 1"]);
    // It was being handled: its attempt wasn't over.
    app.until("it is handled again", |it| {
        super::keeping::seen(&it.fnc)
            .iter()
            .filter(|it| *it == "orders slow 1")
            .count()
            == 2
    });
    let reply = app.post("/_fnc/redrive/failed", "");
    assert_eq!(reply.json()["redriven"], 2);
    assert_eq!(app.state("sources", "queue failed", "waiting"), 0);
    let app = app.killed_and_started("");
    app.until("they are parked once more", |it| parked(it).len() == 2);
}

#[test]
fn what_was_answered_is_not_delivered_again_after_a_stop() {
    let mut app = Running::start(shop(), "");
    for number in 0..30 {
        app.send("orders", &number.to_string());
    }
    app.send("orders", "slow");
    app.until("all is handled", |it| seen(&it.fnc).len() == 31);
    assert!(app.signal(Signal::INT).success());
    assert!(
        app.output().contains("1 messages wait for the next run"),
        "{}",
        app.output()
    );
    let app = Running::start(Arc::clone(&app.fnc), "");
    app.until("the slow one", |it| seen(&it.fnc).len() == 32);
    assert_eq!(seen(&app.fnc).last().unwrap(), "orders slow 1");
    assert_eq!(app.state("sources", "queue orders", "arrived"), 1);
}

#[test]
fn the_program_of_today_holds_for_the_messages_of_yesterday() {
    let app = Running::start(shop(), "");
    app.send("orders", "bad");
    app.until("it is parked", |it| parked(it) == ["bad"]);
    app.send("orders?delay_ms=600000", "much later");
    app.send("rows?group=a", "bad");
    app.until("it fails", |it| {
        it.lines_with(&["queue rows", "again in"]) >= 1
    });
    let change = |app: &Running, from: &str, to: &str| {
        let text = app.fnc.read("app.fn");
        assert!(text.contains(from));
        fs::write(app.fnc.path("app.fn"), text.replace(from, to)).unwrap();
    };
    // Kept for a minute is too long now; one attempt less, and it is parked at once.
    change(&app, "queue orders { retry 1 then failed }", "");
    change(&app, "on queue orders { batch 1 }", "");
    change(&app, "retry 9 then", "retry 0 then");
    let app = app.killed_and_started("");
    let gone = ["queue orders", "1", "no longer part of the program"];
    assert_eq!(app.lines_with(&gone), 1, "{}", app.output());
    app.until("it is parked at once", |it| {
        parked(it).contains(&"bad".to_owned())
    });

    change(
        &app,
        "queue later {",
        "queue orders { retry 1 then failed }\nqueue later {",
    );
    change(
        &app,
        "on queue later",
        "on queue orders { batch 1 }\n  on queue later",
    );
    app.until("it is back", |it| {
        it.lines_with(&["1 events", "wait again"]) == 1
    });
    assert_eq!(app.state("sources", "queue orders", "waiting"), 1);
    change(&app, "queue orders { retry 1 then failed }", "");
    change(&app, "on queue orders { batch 1 }", "");
    app.until("it is away again", |it| {
        it.lines_with(&["1 events are kept"]) == 1
    });

    let app = app.killed_and_started("--fresh");
    assert!(!app.output().contains("KEPT"), "{}", app.output());
    assert_eq!(parked(&app).len(), 0);
}

#[test]
fn one_run_at_a_time_has_the_messages_of_a_folder() {
    let mut app = Running::start(shop(), "");
    app.send("orders?delay_ms=600000", "much later");
    let second = app.fnc.run("run --port 0").exits(3);
    assert!(second.stderr.contains("FN1101"), "{second}");
    for arguments in ["run --port 0 --fresh --ephemeral", "run --port 0 --fresh"] {
        let refused = app.fnc.run(arguments);
        assert!([2, 3].contains(&refused.code), "{refused}");
    }
    let mut other = Running::start(Arc::clone(&app.fnc), "--ephemeral");
    assert_eq!(other.state("sources", "queue orders", "waiting"), 0);
    other.send("orders?delay_ms=600000", "another");
    assert!(other.signal(Signal::INT).success());
    assert!(other.output().contains("1 messages that waited are gone"));
    assert_eq!(app.fnc.read(".fnc/.gitignore"), "*\n");

    assert!(app.signal(Signal::TERM).success());
    let app = Running::start(Arc::clone(&app.fnc), "");
    assert_eq!(app.state("sources", "queue orders", "waiting"), 1);
}

#[test]
fn nothing_is_kept_that_is_ephemeral() {
    let mut app = Running::start(shop(), "--ephemeral");
    app.send("orders", "1");
    app.until("it is handled", |it| seen(&it.fnc).len() == 1);
    assert!(app.signal(Signal::INT).success());
    assert!(!app.fnc.path(".fnc/data").exists());
}

/// Returns the files of a store that a killed run has left, with messages in it.
fn left_behind() -> (Fnc, Vec<PathBuf>) {
    let mut app = Running::start(shop(), "");
    for number in 0..50 {
        let body = format!("{number} {}", "x".repeat(200));
        app.send("orders?delay_ms=600000", &body);
    }
    app.signal(Signal::KILL);
    let fnc = Arc::clone(&app.fnc);
    drop(app);
    let fnc = Arc::into_inner(fnc).unwrap();
    let files = ["store.db", "store.db-wal", "commits"];
    let files = files.map(|it| fnc.path(&format!(".fnc/data/{it}")));
    (fnc, files.into())
}

fn is_refused(ran: &Ran, what: &str) {
    assert_eq!(ran.code, 3, "{what}\n{ran}");
    assert!(ran.stderr.contains("error: FN1102: "), "{what}\n{ran}");
    assert!(!ran.stderr.contains("panicked"), "{what}\n{ran}");
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let (fnc, files) = left_behind();
    let good: Vec<Vec<u8>> = files.iter().map(|it| fs::read(it).unwrap()).collect();
    let restore = || {
        for (file, bytes) in files.iter().zip(&good) {
            fs::write(file, bytes).unwrap();
        }
    };
    let log = &files[1];
    for at in [40, 3000, good[1].len() / 2, good[1].len() - 100] {
        let mut file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(log)
            .unwrap();
        let mut byte = [0];
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.read_exact(&mut byte).unwrap();
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[!byte[0]]).unwrap();
        drop(file);
        let damaged = fs::read(log).unwrap();
        is_refused(&fnc.run("run --port 0"), &format!("byte {at} of the log"));
        assert!(fs::read(log).unwrap() == damaged, "it is left as it is");
        restore();
    }
    fs::remove_file(log).unwrap();
    is_refused(&fnc.run("run --port 0"), "no log");
    fs::write(
        &files[0],
        "no database, and long enough to be one".repeat(100),
    )
    .unwrap();
    is_refused(&fnc.run("run --port 0"), "no database");
    restore();
    let app = Running::start(fnc, "");
    assert_eq!(app.state("sources", "queue orders", "waiting"), 50);
}

#[test]
fn a_full_disk_ends_the_run_and_loses_nothing() {
    let fnc = Arc::new(shop());
    // Files can't grow beyond a limit, which is as good as a full disk.
    let mut limited = Command::new("sh");
    limited.args([
        "-c",
        "trap '' XFSZ; ulimit -f 2000; exec \"$0\" run --port 0",
        env!("CARGO_BIN_EXE_fnc"),
    ]);
    let mut app = Running::by(limited, Arc::clone(&fnc));
    let body = "x".repeat(4000);
    let mut accepted = 0;
    let refused = loop {
        let reply = app.post("/_fnc/send/orders?delay_ms=600000", &body);
        match reply.status {
            200 => accepted += 1,
            _ => break reply,
        }
    };
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(app.end().code(), Some(3));
    app.until("the reason", |it| it.output().contains("FN1103"));
    assert!(!app.output().contains("panicked"), "{}", app.output());
    assert!(accepted > 10, "{accepted}");
    let again = Running::start(fnc, "");
    let waiting = again.state("sources", "queue orders", "waiting");
    assert!(
        waiting == accepted || waiting == accepted + 1,
        "{waiting} of {accepted}"
    );
}
