//! `fnc simulate`: numbers that follow from the load, the same for the same seed.

use serde_json::Value;

use crate::harness::Fnc;

const PROGRAM: &str = r#"app small
queue jobs { retry 1 then dead }
queue dead { keep 14d }
function work {
  handler "work.py:work"
  on queue jobs { batch 1 }
  scale 0..2
}
function ask {
  handler "work.py:work"
  on http GET "/" { auth none }
  scale 0..5000
  expect 50/s taking 80ms
}
"#;

fn small() -> Fnc {
    Fnc::new()
        .file("app.fn", PROGRAM)
        .file("work.py", "def work(event, context): pass\n")
}

/// Returns what is simulated, by function.
fn simulated(load: &str, options: &str) -> Vec<Value> {
    let ran = small()
        .file("load.json", load)
        .run(&format!(
            "simulate --load load.json --format json {options}"
        ))
        .exits(0);
    let read: Value = serde_json::from_str(&ran.stdout).unwrap();
    read["functions"].as_array().unwrap().clone()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let fnc = small();
    let run = |options: &str| fnc.run(&format!("simulate {options}")).exits(0).stdout;
    for profile in ["portable", "aws", "azure", "knative"] {
        let options = format!("--as {profile}");
        assert_eq!(run(&options), run(&options));
        assert_ne!(run(&options), run(&format!("{options} --seed 2")));
    }
}

#[test]
fn what_is_too_much_piles_up() {
    // Two instances, a second each: two jobs a second of ten.
    let load = r#"{ "for": "5m", "arrivals": [{ "to": "jobs", "rate": "10/s", "spread": "even" }],
        "handlers": { "work": { "takes": "1s", "spread": "even", "start": "0s" } } }"#;
    let work = &simulated(load, "")[0];
    assert_eq!(work["arrived"], 2_999);
    assert_eq!(work["done"].as_u64().unwrap() / 10, 59);
    assert_eq!(work["instances"]["max"], 2);
    let growth = work["backlog_growth_per_s"].as_f64().unwrap();
    assert!((growth - 8.0).abs() < 0.05, "{growth}");
}

#[test]
fn one_server_waits_as_theory_says() {
    // M/D/1 with load 0.5: a wait of half a service time.
    let program = PROGRAM.replace("scale 0..2", "scale 1..1");
    let load = r#"{ "for": "100h", "arrivals": [{ "to": "jobs", "rate": "30/m" }],
        "handlers": { "work": { "takes": "1s", "spread": "even", "start": "0s" } } }"#;
    let ran = small()
        .file("app.fn", program)
        .file("load.json", load)
        .run("simulate --load load.json --format json")
        .exits(0);
    let read: Value = serde_json::from_str(&ran.stdout).unwrap();
    let wait = read["functions"][0]["wait_s"]["mean"].as_f64().unwrap();
    // 180,000 customers: the standard error is below 0.004 s.
    assert!((wait - 0.5).abs() < 0.016, "{wait}");
}

#[test]
fn a_platform_refuses_what_it_has_no_room_for() {
    let load = r#"{ "for": "1m", "arrivals": [{ "to": "ask", "burst": 1500 }],
        "handlers": { "ask": { "takes": "10s", "spread": "even" } } }"#;
    let ask = &simulated(load, "--as aws")[0];
    assert_eq!(
        (&ask["throttled"], &ask["done"]),
        (&500.into(), &1_000.into())
    );
    let ask = &simulated(load, "")[0];
    assert_eq!(
        (&ask["throttled"], &ask["done"]),
        (&0.into(), &1_500.into())
    );
}

#[test]
fn failures_are_tried_again_and_parked() {
    let load = r#"{ "arrivals": [{ "to": "jobs", "burst": 10 }], "handlers": { "work": { "fails": "100%" } } }"#;
    let work = &simulated(load, "")[0];
    assert_eq!((&work["parked"], &work["calls"]), (&10.into(), &20.into()));
}

#[test]
fn loads_that_do_not_fit() {
    let said = |load: &str| {
        let fnc = small().file("load.json", load);
        fnc.run("simulate --load load.json").exits(2).stderr
    };
    assert!(
        said(r#"{ "arrivals": [{ "to": "job", "burst": 1 }] }"#).contains("did you mean `jobs`?")
    );
    assert!(said(r#"{ "arrivals": [{ "to": "jobs", "rate": "fast" }] }"#).contains("200/s"));
    assert!(said(r#"{ "arrival": [] }"#).contains("unknown field `arrival`"));
    assert!(said(r#"{ "arrivals": [] }"#).contains("no load is known"));
    let ran = Fnc::new().example("hello").run("simulate hello").exits(2);
    assert!(ran.stderr.contains("expect RATE taking DURATION"), "{ran}");
}
