//! AWS: what every example is built into.

use std::fmt::Write;
use std::path::Path;

use crate::harness::{Fnc, ROOT, copy, snapshot};

/// Files that are the same in every build folder; `vectors.rs` runs them.
const SHARED: [&str; 4] = ["portable.py", "portable.mjs", "shim.py", "shim.mjs"];

/// Compares all that is built of a program for AWS, and all that is said about it, with its snapshot.
fn built(name: &str, folder: &Path) {
    let fnc = Fnc::new();
    copy(folder, &fnc.path("app"));
    let ran = fnc.run("build app --target aws --out out");
    let mut shown = ran.to_string();
    for (path, contents) in fnc.tree("out") {
        let file = path.rsplit('/').next().unwrap_or_default();
        let whole = !SHARED.contains(&file) && (path.contains("_fnc/") || !path.contains('/'));
        let _infallible = writeln!(shown, "=== {path}");
        if whole && !file.starts_with('.') {
            shown.push_str(&String::from_utf8(contents).unwrap());
        }
    }
    snapshot("aws", name, &shown);
}

fn example(path: &str) {
    let name = path.rsplit('/').next().unwrap_or(path);
    built(name, &Path::new(ROOT).join("examples").join(path));
}

#[test]
fn hello() {
    example("hello");
}

#[test]
fn shop() {
    example("shop");
}

#[test]
fn relay() {
    example("relay");
}

#[test]
fn trio() {
    example("trio");
}

#[test]
fn batch_sqs() {
    example("real/batch-sqs");
}

#[test]
fn sqs_standard() {
    example("real/sqs-standard");
}

#[test]
fn user_management() {
    example("real/user-management");
}

#[test]
fn words() {
    built("words", &Path::new(ROOT).join("snapshots/aws/words"));
}
