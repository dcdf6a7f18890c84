//! One failing program per code, and what `fnc check` says about it, in one snapshot.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fnc::diagnostic::Code;

use crate::harness::{Fnc, ROOT, snapshot, walk};

/// The files that the programs name.
const FILES: [(&str, &str); 8] = [
    ("bin/list", ""),
    ("bin/list orders", ""),
    ("draw/Dockerfile", ""),
    (
        "src/a.py",
        "from shop import work\n\n\ndef handle(event, context):\n    return work(event, context)\n",
    ),
    ("src/d.py", "def handle(event, context):\n    return None\n"),
    ("src/b.py", "from elsewhere import *\n\nother = 1\n"),
    ("lib/shared.fn", "// Nothing is shared yet.\n"),
    (
        "src/c.mjs",
        "import { work } from 'shop';\n\nexport const handle = work;\n",
    ),
];

fn inputs() -> Vec<String> {
    let files = walk(&Path::new(ROOT).join("snapshots/errors"));
    let programs = files
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "fn"));
    programs
        .map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_code_has_a_failing_program() {
    let codes = Code::ALL.iter().filter(|it| it.is_finding());
    let codes: BTreeSet<_> = codes.map(|it| it.name().to_owned()).collect();
    let inputs: BTreeSet<_> = inputs().into_iter().collect();
    assert_eq!(codes, inputs);
}

#[test]
fn what_is_said_about_them() {
    let mut fnc = Fnc::new();
    for (path, text) in FILES {
        fnc = fnc.file(path, text);
    }
    for name in inputs() {
        let file = format!("{name}.fn");
        let source = Path::new(ROOT).join("snapshots/errors").join(&file);
        let text = fs::read_to_string(source).unwrap();
        // What follows the name of a file of tests belongs into that file.
        let (program, tests) = text
            .split_once(&format!("// {name}.test.fn\n"))
            .unwrap_or((&text, ""));
        fs::write(fnc.path(&file), program).unwrap();
        if !tests.is_empty() {
            fs::write(fnc.path(&format!("{name}.test.fn")), tests).unwrap();
        }
        let ran = fnc.run(&format!("check {file}"));
        assert!(ran.stderr.contains(&name), "{name} is not found\n{ran}");
        snapshot("errors", &name, &format!("{text}\n{ran}"));
    }
}
