//! Limits hold: instances, timeouts, memory, and the time to stop.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::running::Running;
use crate::harness::Fnc;

const WORK: &str = r#"
import time
def handle(event, context):
    with open("times.txt", "a") as file:
        file.write(f"{time.monotonic()} 1\n")
    time.sleep(0.2)
    with open("times.txt", "a") as file:
        file.write(f"{time.monotonic()} -1\n")
"#;

/// Returns how many were in flight at most, and in which share of the time that many, from when they were for
/// the first time until the last one started.
fn in_flight(times: &str) -> (i64, f64) {
    let mut times: Vec<(f64, i64)> = times
        .lines()
        .map(|line| {
            let (at, step) = line.split_once(' ').unwrap();
            (at.parse().unwrap(), step.parse().unwrap())
        })
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut now = 0;
    let levels: Vec<i64> = times
        .iter()
        .map(|(_, step)| {
            now += step;
            now
        })
        .collect();
    let most = *levels.iter().max().unwrap();
    let first = levels.iter().position(|it| *it == most).unwrap();
    let last = times.iter().rposition(|(_, step)| *step == 1).unwrap();
    let full = (first..last).filter(|at| levels[*at] == most);
    let busy: f64 = full.map(|at| times[at + 1].0 - times[at].0).sum();
    (most, busy / (times[last].0 - times[first].0))
}

#[test]
fn no_more_than_the_maximum_are_in_flight_and_most_of_the_time_that_many() {
    let program = r#"
        app work
        queue jobs { retry 1 then parked }
        queue parked
        function slow {
          handler "slow.py:handle"
          on queue jobs { batch 1 }
          scale 0..2
        }
    "#;
    let work = Fnc::new().file("app.fn", program).file("slow.py", WORK);
    let work = Running::start(work, "");
    for job in 0..20 {
        work.send("jobs", &job.to_string());
    }
    work.until("all jobs are done", |it| {
        it.state("sources", "queue jobs", "done") == 20
    });
    let (most, share) = in_flight(&work.fnc.read("times.txt"));
    assert_eq!(most, 2);
    assert!(
        share > 0.5,
        "two were in flight in {share} of the time only"
    );
}

#[test]
fn an_instance_takes_as_many_events_at_a_time_as_it_says() {
    let program = r#"
        app work
        function slow {
          handler "slow.py:handle"
          on http POST "/" { auth none }
          scale 0..1 { concurrency 4 }
        }
    "#;
    let work = Fnc::new().file("app.fn", program).file("slow.py", WORK);
    let work = Running::start(work, "");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(work.post("/", "").status, 204));
        }
    });
    let (most, _) = in_flight(&work.fnc.read("times.txt"));
    assert_eq!(most, 4);
    assert_eq!(work.pids("slow").len(), 1, "{}", work.output());
}

const MISFIT: &str = r#"
import os, time
def handle(event, context):
    what = event["request"]["params"]["what"]
    if what == "hang": time.sleep(60)
    if what == "exit": os._exit(3)
    if what == "raise": raise ValueError("the secret is 1234")
    if what == "odd": return {"statusCode": 1000}
    if what == "memory":
        hold = b"x" * (400 << 20)
        time.sleep(30)
    return {"statusCode": 200, "body": what}
"#;

fn misfit() -> Running {
    let program = r#"
        app odd
        function misfit {
          handler "misfit.py:handle"
          timeout 2s
          memory 128MB
          on http GET "/{what}" { auth none }
          scale 1..2
        }
    "#;
    let files = Fnc::new().file("app.fn", program).file("misfit.py", MISFIT);
    let misfit = Running::start(files, "");
    misfit.until("it is ready", |it| {
        it.state("functions", "misfit", "ready") == 1
    });
    misfit
}

#[test]
fn a_handler_that_hangs_is_killed_at_its_timeout() {
    let misfit = misfit();
    let pid = misfit.pids("misfit")[0];
    let start = Instant::now();
    let reply = misfit.get("/hang");
    let took = start.elapsed();
    assert_eq!(reply.status, 504, "{reply:?}");
    assert!(
        took >= Duration::from_secs(2) && took < Duration::from_secs(4),
        "{took:?}"
    );
    misfit.until("the process is gone", |_| {
        !Path::new(&format!("/proc/{pid}")).exists()
    });
    assert_eq!(misfit.get("/fine").body, "fine");
    misfit.until("a line", |it| {
        it.lines_with(&["misfit", "timeout", "func 2."]) == 1
    });
}

#[test]
fn a_crash_an_error_and_an_impossible_answer_say_nothing_to_the_caller() {
    let misfit = misfit();
    for (what, says) in [
        ("exit", "exit code 3"),
        ("raise", "ValueError: the secret is 1234"),
        ("odd", "statusCode 1000"),
    ] {
        let reply = misfit.get(&format!("/{what}"));
        assert_eq!(reply.status, 500, "{reply:?}");
        assert!(!reply.body.contains("1234"), "{reply:?}");
        misfit.until(says, |it| it.lines_with(&["misfit #", says]) == 1);
    }
    assert_eq!(misfit.get("/fine").body, "fine");
}

#[test]
#[cfg(target_os = "linux")]
fn a_handler_that_holds_too_much_memory_is_killed() {
    let misfit = misfit();
    assert_eq!(misfit.get("/memory").status, 500);
    misfit.until("why", |it| {
        it.lines_with(&["misfit #", "memory", "of 128 MB"]) == 1
    });
}

#[test]
fn ctrl_c_ends_it_within_five_seconds_and_leaves_no_process() {
    let mut misfit = misfit();
    let hangs = misfit.pids("misfit");
    assert_eq!(hangs.len(), 1);
    let start = Instant::now();
    let status = misfit.signal(Signal::INT);
    assert!(status.success(), "{status}");
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(
        hangs
            .iter()
            .all(|pid| fs::metadata(format!("/proc/{pid}")).is_err())
    );
    misfit.until("it says so", |it| it.lines_with(&["stopped"]) == 1);
}

#[test]
fn what_runs_may_end_when_it_stops_and_what_hangs_is_killed() {
    for (sleep, signal) in [(1, Signal::TERM), (60, Signal::INT)] {
        let handler =
            format!("import time\ndef handle(event, context):\n    time.sleep({sleep})\n");
        let program = r#"
            app slow
            queue jobs { retry 1 then parked }
            queue parked
            function slow {
              handler "slow.py:handle"
              timeout 100s
              on queue jobs { batch 1 }
              scale 0..1
            }
        "#;
        let files = Fnc::new().file("app.fn", program).file("slow.py", handler);
        let mut slow = Running::start(files, "");
        slow.send("jobs", "1");
        slow.send("jobs", "2");
        slow.until("it runs", |it| {
            it.state("functions", "slow", "running") == 1
        });
        let start = Instant::now();
        assert!(slow.signal(signal).success());
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        slow.until("it stops", |it| it.lines_with(&["stopped"]) == 1);
        // The line about the end is the last one.
        let done = slow.lines_with(&["slow", "queue jobs", "done"]);
        assert_eq!(done, usize::from(sleep == 1), "{}", slow.output());
    }
}

#[test]
fn a_caller_who_goes_away_before_its_turn_is_forgotten() {
    let program = r#"
        app work
        function slow {
          handler "slow.py:handle"
          on http POST "/" { auth none }
          scale 0..1
        }
    "#;
    let work = Fnc::new().file("app.fn", program).file("slow.py", SLOW);
    let work = Running::start(work, "");
    std::thread::scope(|scope| {
        let first = scope.spawn(|| work.post("/", ""));
        work.until("the first runs", |it| {
            it.state("functions", "slow", "running") == 1
        });
        work.hang_up("/");
        work.until("the second is forgotten", |it| {
            it.state("sources", "http", "dropped") == 1
        });
        std::fs::write(work.fnc.path("go"), "").unwrap();
        assert_eq!(first.join().unwrap().status, 204);
    });
    assert_eq!(work.state("sources", "http", "done"), 1);
}

const SLOW: &str = r#"
import os, time
def handle(event, context):
    while not os.path.exists("go"):
        time.sleep(0.01)
"#;
