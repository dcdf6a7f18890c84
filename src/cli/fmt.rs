//! `fnc fmt`: the canonical form of `.fn` files.

#![expect(clippy::disallowed_methods, reason = "programs are on disk")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::diff::unified;
use super::folder::replace;
use super::program::{decode, not_utf8};
use super::{Failure, Outcome, Terminal, shown};
use crate::diagnostic::{Diagnostics, has_errors};
use crate::source::Sources;
use crate::syntax::{parse, print};

/// Folders below a named one that hold no programs of the user's.
const PASSED: &[&str] = &["build", "node_modules", "__pycache__", "target"];

/// Write `.fn` files in the canonical format
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Files, folders (every `.fn` file below), or `-`: from standard input to standard output
    #[arg(default_value = ".", value_name = "PATHS")]
    paths: Vec<PathBuf>,

    /// Write nothing; print the differences and exit with 1 if there are any
    #[arg(long)]
    check: bool,
}

/// What came of one file.
enum Formatted {
    /// It is in canonical form.
    Same,
    /// It becomes this.
    Changed(String),
    /// It can't be read.
    Broken(Diagnostics),
}

impl Fmt {
    /// Formats the files; those with syntax errors are reported and left as they are.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        if self.paths.iter().any(|it| it == Path::new("-")) {
            return self.standard_input(terminal);
        }
        let mut sources = Sources::default();
        let mut found = Diagnostics::new();
        let (mut changed, mut same) = (0, 0);
        let files = self.files()?;
        for path in &files {
            let bytes = fs::read(path).map_err(Failure::file("read", path))?;
            match format(&shown(path), bytes.clone(), &mut sources) {
                Formatted::Same => same += 1,
                Formatted::Broken(diagnostics) => found.extend(diagnostics),
                Formatted::Changed(text) => {
                    changed += 1;
                    if self.check {
                        print_diff(&shown(path), &bytes, &text);
                    } else {
                        // Behind a link it is the file that changes.
                        let file = fs::canonicalize(path).map_err(Failure::file("read", path))?;
                        replace(&file, text.as_bytes(), false)?;
                        terminal.detail(format!("formatted {}", shown(path)));
                    }
                }
            }
        }
        terminal.findings(&found, &sources);
        let verb = if self.check { "to format" } else { "formatted" };
        let broken = files.len() - changed - same;
        let left = match broken {
            0 => String::new(),
            _ => format!(", {broken} with syntax errors left alone"),
        };
        terminal.say(format!("{changed} {verb}, {same} unchanged{left}"));
        let faulty = has_errors(&found) || self.check && changed > 0;
        Ok(if faulty {
            Outcome::Faulty
        } else {
            Outcome::Done
        })
    }

    /// Formats what standard input holds.
    fn standard_input(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        if self.paths.len() > 1 {
            let message = "`-` is standard input: it can't be combined with files";
            return Err(Failure::Usage(message.to_owned()));
        }
        let mut bytes = Vec::new();
        let read = io::stdin().read_to_end(&mut bytes);
        read.map_err(Failure::file("read", Path::new("standard input")))?;
        let mut sources = Sources::default();
        let text = match format("standard input", bytes.clone(), &mut sources) {
            Formatted::Broken(found) => {
                terminal.findings(&found, &sources);
                return Ok(Outcome::Faulty);
            }
            Formatted::Changed(text) if self.check => {
                print_diff("standard input", &bytes, &text);
                return Ok(Outcome::Faulty);
            }
            Formatted::Same if self.check => return Ok(Outcome::Done),
            Formatted::Changed(text) => text.into_bytes(),
            Formatted::Same => bytes,
        };
        // A reader that has gone away is no fault of ours.
        let _ = io::stdout().write_all(&text);
        Ok(Outcome::Done)
    }

    /// Returns the files that are meant, in order, each once.
    fn files(&self) -> Result<BTreeSet<PathBuf>, Failure> {
        let mut files = BTreeSet::new();
        for path in &self.paths {
            if path.is_dir() {
                below(path, &mut files)?;
            } else {
                files.insert(path.clone());
            }
        }
        Ok(files)
    }
}

/// Finds the `.fn` files below a folder.
fn below(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::file("read", folder))?;
    for entry in entries {
        let entry = entry.map_err(Failure::file("read", folder))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type().map_err(Failure::file("read", folder))?;
        if kind.is_dir() {
            if !name.starts_with('.') && !PASSED.contains(&&*name) {
                below(&entry.path(), files)?;
            }
        } else if name.ends_with(".fn") {
            files.insert(entry.path());
        }
    }
    Ok(())
}

fn format(path: &str, bytes: Vec<u8>, sources: &mut Sources) -> Formatted {
    let (text, broken) = decode(bytes);
    let id = sources.add(path, text);
    if let Some(at) = broken {
        return Formatted::Broken(vec![not_utf8(id, at)]);
    }
    let source = sources.get(id).expect("the source was just added");
    let parsed = parse(source);
    if has_errors(&parsed.diagnostics) {
        return Formatted::Broken(parsed.diagnostics);
    }
    let printed = print(&parsed.file, source);
    if printed == source.text {
        Formatted::Same
    } else {
        Formatted::Changed(printed)
    }
}

fn print_diff(path: &str, old: &[u8], new: &str) {
    let diff = unified(path, Some(old), Some(new.as_bytes()));
    Terminal::result(diff.trim_end());
}
