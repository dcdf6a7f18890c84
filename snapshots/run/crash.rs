//! `fnc run` is killed again and again under load: nothing that was accepted is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::running::Running;
use crate::harness::Fnc;

/// So many times it is killed.
const KILLS: u32 = 100;
/// So long it runs at most, in milliseconds.
const LONGEST: u32 = 400;
const SENDERS: u64 = 4;

const PROGRAM: &str = r#"
app crash
queue jobs { retry 0 then parked }
queue parked
function work {
  handler "work.mjs:handle"
  on queue jobs { batch 10 }
  scale 2..2
}
"#;

/// Notes what it is given, and fails for every tenth number.
const HANDLER: &str = r"
import { appendFileSync } from 'node:fs';
export const handle = (event) => {
  appendFileSync('seen', event.records.map((it) => it.body + '\n').join(''));
  return { failures: event.records.filter((it) => it.body.endsWith('0')).map((it) => it.id) };
};
";

/// Sends numbers, one after the other, until the connection breaks; returns those that were accepted.
fn send(port: u16, numbers: &AtomicU64) -> Vec<u64> {
    let mut accepted = Vec::new();
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return accepted;
    };
    stream.set_nodelay(true).unwrap();
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let body = number.to_string();
        let request = format!(
            "POST /_fnc/send/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = [0; 1024];
        match stream
            .write_all(request.as_bytes())
            .and_then(|()| stream.read(&mut answer))
        {
            Ok(length) if answer[..length].starts_with(b"HTTP/1.1 200") => accepted.push(number),
            Ok(_) | Err(_) => return accepted,
        }
    }
}

#[test]
fn nothing_accepted_is_lost_however_often_it_is_killed() {
    let fnc = Fnc::new()
        .file("app.fn", PROGRAM)
        .file("work.mjs", HANDLER)
        .file("seen", "");
    let fnc = Arc::new(fnc);
    let numbers = Arc::new(AtomicU64::new(1));
    let mut accepted = BTreeSet::new();
    // The same moments every time, as far as the machine allows.
    let mut state = 1u32;
    for _ in 0..KILLS {
        let mut app = Running::start(Arc::clone(&fnc), "--quiet");
        let senders = (0..SENDERS).map(|_| {
            let (port, numbers) = (app.port(), Arc::clone(&numbers));
            thread::spawn(move || send(port, &numbers))
        });
        let senders: Vec<_> = senders.collect();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        thread::sleep(Duration::from_millis(u64::from((state >> 8) % LONGEST)));
        app.signal(rustix::process::Signal::KILL);
        for sender in senders {
            accepted.extend(sender.join().unwrap());
        }
    }

    let app = Running::start(Arc::clone(&fnc), "--quiet");
    app.until("all is handled", |it| {
        it.state("sources", "queue jobs", "waiting") == 0
            && it.state("sources", "queue jobs", "running") == 0
    });
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    for line in fnc.read("seen").lines() {
        *seen.entry(line.parse().unwrap()).or_default() += 1;
    }
    let lost: Vec<_> = accepted
        .iter()
        .filter(|it| !seen.contains_key(it))
        .collect();
    assert!(
        lost.is_empty(),
        "{} of {} are lost: {lost:?}",
        lost.len(),
        accepted.len()
    );
    let parked = app.get("/_fnc/parked").json();
    let parked: BTreeSet<u64> = parked
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["body"].as_str().unwrap().parse().unwrap())
        .collect();
    let bad = accepted.iter().filter(|it| *it % 10 == 0);
    let lost: Vec<_> = bad.filter(|it| !parked.contains(it)).collect();
    assert!(lost.is_empty(), "no longer parked: {lost:?}");
    let twice: usize = seen.values().map(|it| it - 1).sum();
    assert!(
        accepted.len() > 1_000,
        "only {} were accepted",
        accepted.len()
    );
    assert!(
        twice < accepted.len() / 2,
        "{twice} of {} came again",
        accepted.len()
    );
}
