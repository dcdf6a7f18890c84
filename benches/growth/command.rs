//! The whole command, `fnc build --target aws`, for 500 functions: what a person waits for.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::clock::{self, shown};
use crate::program::{files, text};

const FUNCTIONS: usize = 500;

/// Processor time that the command may take.
const MOST: Duration = Duration::from_millis(60);

const RUNS: usize = 15;

/// Measures the command, prints the times, and tells whether it is quick enough.
pub(crate) fn measure() -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    fs::write(at.join("app.fn"), text(FUNCTIONS)).expect("the program");
    for (path, text) in files(FUNCTIONS) {
        let path = at.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("its folder");
        fs::write(path, text).expect("a handler file");
    }
    let first = median((0..RUNS).map(|run| build(at, &format!("out{run}"))));
    let again = median((0..RUNS).map(|_| build(at, "out0")));
    println!(
        "fnc build --target aws, {FUNCTIONS} functions, the whole process, median of {RUNS} runs (at most {}):",
        shown(MOST)
    );
    let mark = if first > MOST { "  ← too slow" } else { "" };
    println!("  into an empty folder {}{mark}", shown(first));
    println!("  nothing changed      {}", shown(again));
    first <= MOST
}

/// Runs the command and returns its processor time.
fn build(folder: &Path, out: &str) -> Duration {
    let before = clock::children();
    let status = Command::new(env!("CARGO_BIN_EXE_fnc"))
        .args(["build", "--target", "aws", "--quiet", "--out", out])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the command starts");
    assert!(status.success(), "the build succeeds");
    clock::children().saturating_sub(before)
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
