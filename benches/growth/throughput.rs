//! A program of 10,000 functions in ten files: how much text is parsed and checked in a second, and how much memory
//! holds what comes of it. A process of its own does so, whose memory nothing else has touched.

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use fnc::check::{Choices, check};
use fnc::source::Sources;
use fnc::syntax::{ast, parse};

use crate::clock;
use crate::program::{Handlers, texts};

const FUNCTIONS: usize = 10_000;
const FILES: usize = 10;
const RUNS: usize = 5;

/// The argument that tells a process to measure.
pub(crate) const WORD: &str = "throughput";

/// Has a few processes measure, and prints the best.
pub(crate) fn measure() {
    let program = std::env::current_exe().expect("this program has a path");
    let run = |_| {
        let output = Command::new(&program).arg(WORD).output();
        let output = output.expect("this program starts").stdout;
        let text = String::from_utf8(output).expect("it prints numbers");
        let numbers = text.split_whitespace().map(str::parse::<u64>);
        let numbers: Result<Vec<u64>, _> = numbers.collect();
        numbers.expect("it prints numbers")
    };
    let best = (0..RUNS).map(run).min();
    let Some([micros, bytes, held]) = best.as_deref() else {
        panic!("a process prints three numbers");
    };
    println!(
        "{FUNCTIONS} functions in {FILES} files, {bytes} bytes, the best of {RUNS} processes:"
    );
    println!("  parsed and checked   {:.1} MB/s", ratio(*bytes, *micros));
    if *held > 0 {
        println!(
            "  held afterwards      {:.0} bytes for each of text",
            ratio(*held, *bytes)
        );
    }
}

#[allow(clippy::cast_precision_loss, reason = "both are far below 2^53")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other as f64
}

/// Parses and checks, and prints the microseconds it took, the bytes of text, and the bytes held afterwards.
pub(crate) fn run() {
    let texts = texts(FUNCTIONS, FILES);
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut sources = Sources::default();
    let ids: Vec<_> = (0..)
        .zip(texts)
        .map(|(n, text)| sources.add(format!("{n}.fn"), text))
        .collect();
    let (before, start) = (resident(), clock::own());
    let sources = &sources;
    let parsed = ids.into_iter().filter_map(|id| sources.get(id)).map(parse);
    let files: Vec<ast::File> = parsed.map(|it| it.file).collect();
    let checked = check(&files, &Choices::default(), &Handlers);
    let time: Duration = clock::own().saturating_sub(start);
    let held = resident().saturating_sub(before);
    assert!(checked.app.is_some(), "the program is right");
    println!("{} {bytes} {held}", time.as_micros());
    black_box((files, checked));
}

/// Returns how much memory this process has; 0 where the system doesn't say.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let number = line.and_then(|it| it.split_whitespace().next());
    number.and_then(|it| it.parse::<usize>().ok()).unwrap_or(0) * 1024
}
