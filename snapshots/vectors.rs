//! The golden vectors of `targets/vectors`, run through the shims themselves.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Runs a runner over every folder of vectors that has a shim in its language.
#[expect(clippy::disallowed_methods, reason = "the vectors are files")]
fn all_agree(interpreter: &str, runner: &str, shim: &str) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("targets");
    let folders = fs::read_dir(root.join("vectors")).unwrap();
    let names = folders.map(|it| it.unwrap().file_name().into_string().unwrap());
    let has_shim = |name: &String| {
        matches!(
            name.as_str(),
            "portable" | "filter" | "key" | "lambda" | "websocket"
        ) || root.join(name).join(shim).is_file()
    };
    let mut targets: Vec<String> = names.filter(has_shim).collect();
    targets.sort();
    assert!(targets.len() >= 3, "{targets:?}");
    let run = Command::new(interpreter)
        .arg(root.join("vectors").join(runner))
        .args(&targets)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{told}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    for target in targets {
        assert!(told.contains(&format!("{target}: ")), "{told}");
    }
}

#[test]
fn the_python_shims_agree_with_the_vectors() {
    all_agree("python3", "run.py", "shim.py");
}

#[test]
fn the_node_shims_agree_with_the_vectors() {
    all_agree("node", "run.mjs", "shim.mjs");
}
